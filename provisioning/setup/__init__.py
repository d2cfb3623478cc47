"""Makes a checkout ready to run: Debian packages, the Python environment, the desk.

Everything here runs on the system's own Python before the environment exists, so it imports the standard
library and nothing else. Each step first asks whether its work is already done; a second run takes well
under a second.
"""
