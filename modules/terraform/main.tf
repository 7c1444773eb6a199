locals {
  files = fileset("${path.module}/release", "*")
  # Differs between any two releases and any two stacks, so that no file is replaced that a stack may still read.
  digest = substr(sha256(join("", [for name in local.files : "${name}${filesha256("${path.module}/release/${name}")}"])), 0, 16)
  prefix = "cronmend/terraform/${var.stack_name}/${local.digest}/"
}

data "aws_s3_bucket" "artifacts" {
  bucket = var.artifact_bucket
}

resource "aws_s3_object" "release" {
  for_each = local.files

  bucket = var.artifact_bucket
  key    = "${local.prefix}${each.value}"
  source = "${path.module}/release/${each.value}"

  # A stack whose update fails goes back to the files of the release before.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudformation_stack" "cronmend" {
  name         = var.stack_name
  template_url = "https://${data.aws_s3_bucket.artifacts.bucket_regional_domain_name}/${aws_s3_object.release["template.yaml"].key}"
  # It creates roles, and expands SAM's transform.
  capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
  tags         = var.tags

  parameters = merge(local.parameters, {
    ManagedBy      = "terraform"
    ArtifactBucket = var.artifact_bucket
    FunctionsKey   = aws_s3_object.release["functions-${var.architecture}.zip"].key
  })
}
