variable "artifact_bucket" {
  description = "Name of a bucket of yours for the release's files, in the Region of the stack."
  type        = string
  nullable    = false
}

variable "stack_name" {
  description = "Name of the stack. The commands of `cronmend` find a stack of another name with --stack-name."
  type        = string
  default     = "cronmend"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9-]{0,49}$", var.stack_name))
    error_message = "Use a letter, then letters, digits and hyphens, at most 50 characters: the name is part of the functions' names."
  }
}

variable "tags" {
  description = "Tags of the stack and each of its resources."
  type        = map(string)
  default     = {}
  nullable    = false
}
