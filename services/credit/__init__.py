"""The credit service: records facts of enterprises and persons; the one writer of facts.

Started by `services.credit.main`; nothing else outside this package imports it, apart from the
command line.
"""
