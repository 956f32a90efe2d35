"""What all tests of the Trainer share."""

from tests.helpers.garbage import quick_collections  # noqa: F401
