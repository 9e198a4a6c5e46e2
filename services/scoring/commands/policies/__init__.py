"""Reading, checking and issuing the policies that every answer stands on."""
