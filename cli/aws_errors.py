"""Errors of AWS's library as sentences that say what to do."""

from botocore.exceptions import BotoCoreError, NoCredentialsError, NoRegionError, ProfileNotFound

from cli.console import as_sentence


def in_words(error: BotoCoreError) -> str:
    match error:
        case NoCredentialsError() | ProfileNotFound():
            return f"{as_sentence(str(error))} Sign in with `aws configure` or `aws sso login`, or use --profile."
        case NoRegionError():
            return (
                "No Region is set. Use --region. For the account of `cronmend local up`, first run: "
                'eval "$(cronmend local env)"'
            )
        case _:
            return f"AWS didn't answer: {as_sentence(str(error))} Try again."
