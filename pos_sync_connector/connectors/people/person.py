"""A person as one side of a comparison, and what a comparison finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum


class Reason(str, Enum):
    SAME_NAME = "same_name"
    SAME_PHONE = "same_phone"
    SAME_EMAIL = "same_email"
    SAME_BIRTHDAY = "same_birthday"
    SAME_TAX_ID = "same_tax_id"
    NAME_ORDER = "name_order"
    SHORT_FORM = "short_form"
    LOOSE_FORM = "loose_form"
    GENDERED = "gendered"
    SIMILAR_NAME = "similar_name"
    INITIAL = "initial"
    MIDDLE_NAME = "middle_name"
    OTHER_LAST_NAME = "other_last_name"
    ONE_NAME = "one_name"
    NO_NAME = "no_name"
    OTHER_SCRIPT = "other_script"
    OTHER_NAME = "other_name"
    OTHER_TITLE = "other_title"
    OTHER_GENERATION = "other_generation"
    OTHER_KIND = "other_kind"
    OTHER_PHONE = "other_phone"
    OTHER_EMAIL = "other_email"
    OTHER_BIRTHDAY = "other_birthday"
    ONLY_NAME = "only_name"
    NOT_BY_PHONE = "not_by_phone"
    NOT_BY_EMAIL = "not_by_email"
    SEVERAL = "several"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One side of a comparison. `first` and `last` as stated; where they are not told apart, `name` has both.

    `phones` and `email` are keys as `phone_key` and `email_key` make them; a company has its name in `name`.
    """

    first: str = ""
    last: str = ""
    name: str = ""
    company: bool = False
    phones: frozenset[str] = frozenset()
    email: str = ""
    birthday: date | None = None
    tax_id: str = ""
    archived: bool = False
