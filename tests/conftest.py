from hypothesis import HealthCheck, settings

# How fast a loaded machine makes up examples says nothing about the code.
settings.register_profile("recall", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("recall")
