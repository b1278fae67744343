"""The mathematics of scores: no Django, no database, no clock."""
