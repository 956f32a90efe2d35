"""Text from models that write one token after the other: what to search for, with which rules, and when to stop."""
