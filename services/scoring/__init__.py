"""The scoring service: credit grades, lists, rates and the policies behind them.

It reads the facts that the credit service writes, and writes derived rows alone. Only ``main`` and
the tests put its layers together.
"""
