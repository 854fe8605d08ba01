"""Training of the propensity model: what was presented, what was answered, and what that teaches.

``examples.py`` is what is learned from and how it is divided in time, ``encode.py`` chooses how
attributes become columns, ``fit.py`` has scikit-learn, ``calibrate.py`` makes probabilities honest,
``judge.py`` measures on held-out time, ``train.py`` is the whole story. No I/O; ``db/training.py``
reads and stores. Nothing else imports this package: it needs scikit-learn, which takes a second and
a hundred megabytes to load.
"""
