"""Measures of joint punishment and incentive, and what departments report of them."""
