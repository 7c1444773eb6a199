mock_provider "aws" {
  mock_data "aws_s3_bucket" {
    defaults = {
      bucket_regional_domain_name = "ours.s3.eu-west-2.amazonaws.com"
    }
  }
}

variables {
  artifact_bucket = "ours"
  cluster         = "app-prod,jobs-prod"
}

run "defaults" {
  command = plan

  assert {
    condition     = aws_cloudformation_stack.cronmend.name == "cronmend" && length(aws_s3_object.release) == 3
    error_message = "the stack's name and the three files of the release"
  }
  assert {
    condition     = aws_cloudformation_stack.cronmend.parameters["Cluster"] == "app-prod,jobs-prod"
    error_message = "the cluster is passed"
  }
  assert {
    condition     = [for name in ["ManagedBy", "Mode", "PolicySource", "MaxAttempts", "Dashboard", "ArtifactBucket", "AlertEmail"] : aws_cloudformation_stack.cronmend.parameters[name]] == ["terraform", "heal", "published", "3", "true", "ours", ""]
    error_message = "texts, numbers, flags and what is fixed are passed as CloudFormation takes them"
  }
  assert {
    condition     = endswith(aws_cloudformation_stack.cronmend.parameters["FunctionsKey"], "/functions-arm64.zip") && startswith(aws_cloudformation_stack.cronmend.parameters["FunctionsKey"], "cronmend/terraform/cronmend/")
    error_message = "the functions are those of the architecture"
  }
  assert {
    condition     = aws_cloudformation_stack.cronmend.template_url == "https://ours.s3.eu-west-2.amazonaws.com/${aws_s3_object.release["template.yaml"].key}"
    error_message = "the template is read from the bucket, because it is too long to be sent"
  }
}

run "chosen" {
  command = plan
  variables {
    architecture    = "x86_64"
    stack_name      = "cronmend-test"
    mode            = "shadow"
    job_log_groups  = "/ecs/webapp-*,/ecs/api"
    redact_patterns = "acct-[0-9]{8}"
    tags            = { team = "platform" }
  }

  assert {
    condition     = endswith(aws_cloudformation_stack.cronmend.parameters["FunctionsKey"], "/functions-x86_64.zip") && startswith(aws_cloudformation_stack.cronmend.parameters["FunctionsKey"], "cronmend/terraform/cronmend-test/")
    error_message = "each stack has its own copies"
  }
  assert {
    condition     = aws_cloudformation_stack.cronmend.parameters["JobLogGroups"] == "/ecs/webapp-*,/ecs/api" && aws_cloudformation_stack.cronmend.parameters["RedactPatterns"] == "acct-[0-9]{8}"
    error_message = "values are passed as they are"
  }
  assert {
    condition     = aws_cloudformation_stack.cronmend.tags == tomap({ team = "platform" })
    error_message = "the stack has the tags"
  }
}
