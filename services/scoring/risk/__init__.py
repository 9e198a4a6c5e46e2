"""The risk model: features, training, checks, reports; beside the rules, never instead of them.

Imported by the service's main module and the command line alone. LightGBM, scikit-learn and
Matplotlib take seconds to import, so only the modules `boosting`, `baseline` and `plots` name them,
and whoever needs those imports them where they are used.
"""
