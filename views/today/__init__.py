"""The Today page: what needs a person now."""
