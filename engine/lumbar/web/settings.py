"""What whoever runs the web sets, by environment variables; all of it is checked at start."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from lumbar.reading.problems import BadSettingsError, Problem, did_you_mean
from lumbar.reading.yamlfile import fault_in_words
from lumbar.rulebook.items import Operator
from lumbar.web.addresses import this_machine

PREFIX = "LUMBAR_"
_ENVIRONMENT, _OPERATOR = "environment", "content/operator.yaml"
_SECRET = 32  # characters of a secret, at least
_ASKED_OF_THE_PUBLIC = {
    "name": "who runs this, such as the name of a clinic",
    "country": "the country whose numbers and words these are",
    "emergency_number": "the number to call in an emergency",
    "urgent_line": "whom to call when it cannot wait but is no emergency",
    "crisis_line": "whom to call when somebody may harm themselves",
}


class Settings(BaseSettings):
    """One field a variable: `host` is LUMBAR_HOST."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, env_ignore_empty=True)

    host: str = Field(
        default="127.0.0.1", description="Where to listen; beyond this machine, behind HTTPS"
    )
    port: int = Field(default=8000, ge=0, le=65535, description="The port; 0 for any that is free")
    public: bool = Field(
        default=False,
        description="Serve other people, as behind a proxy; so is any host but this machine",
    )
    dir: Path | None = Field(default=None, description="A folder with rules/ and content/")
    require_signed: bool = Field(
        default=False, description="No plan, but whom to see, unless every rule behind it is signed"
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="The database that holds, encrypted, what people want kept, such as "
        "postgresql+psycopg://...; default: a file of SQLite",
    )
    secret: SecretStr | None = Field(
        default=None,
        description="What cookies are sealed with, at least 32 characters, the same on every "
        "machine; default: made once and kept beside the database",
    )
    keep_days: int = Field(
        default=180, ge=1, le=3650, description="For how many days without use answers are kept"
    )
    workers: int = Field(default=1, ge=1, le=64, description="How many processes answer")
    proxies: str = Field(
        default="127.0.0.1",
        description="Addresses of proxies, or networks, that are believed who asks; with commas",
    )
    requests_a_minute: int = Field(
        default=600, ge=10, description="How often one address may ask, of each worker"
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        description="What Prometheus sends as its bearer token, at least 32 characters; for the "
        "public there is no /metrics without",
    )
    stop_seconds: int = Field(
        default=10, ge=1, le=300, description="For how long to end what was begun when it stops"
    )

    @field_validator("secret", "metrics_token")
    @classmethod
    def _long_enough(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and len(secret.get_secret_value()) < _SECRET:
            raise ValueError(f"it should have at least {_SECRET} characters")
        return secret

    @property
    def for_the_public(self) -> bool:
        """Whether anybody but who sits at this machine is served."""
        return self.public or not this_machine(self.host)


def read() -> Settings:
    """Return the settings of the environment; raise BadSettingsError with all that is wrong."""
    problems = list(_unknown())
    try:
        settings = Settings()
    except ValidationError as error:
        faults = error.errors()
        raise BadSettingsError([*problems, *(_problem(fault) for fault in faults)]) from None
    if problems:
        raise BadSettingsError(problems)
    return settings


def refuse_unfit(settings: Settings, operator: Operator) -> None:
    """Refuse to serve the public without the operator's words; raise BadSettingsError."""
    if settings.for_the_public and operator.not_set:
        said = "is not set, so it does not open to the public"
        raise BadSettingsError(
            Problem(_OPERATOR, 0, 0, "missing-key", f"'{name}' {said}", _ASKED_OF_THE_PUBLIC[name])
            for name in operator.not_set
        )


def listed() -> Iterator[tuple[str, str]]:
    """Yield each variable with what it sets, and what holds where it is not set."""
    for name, field in Settings.model_fields.items():
        shown = field.default is not None and field.default is not False
        default = f"  [default: {field.default}]" if shown else ""
        yield f"{PREFIX}{name.upper()}", f"{field.description}.{default}"


def _unknown() -> Iterator[Problem]:
    known = [name for name, _ in listed()]
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            hint = did_you_mean(name, known) or "`lumbar serve --help` lists every setting"
            yield Problem(_ENVIRONMENT, 0, 0, "unknown-key", f"there is no setting '{name}'", hint)


def _problem(fault: Mapping[str, Any]) -> Problem:
    """Return what is wrong with one variable, without its value: it may be a secret."""
    name = f"{PREFIX}{fault['loc'][0]}".upper()
    return Problem(_ENVIRONMENT, 0, 0, *fault_in_words(fault, (name,), []))
