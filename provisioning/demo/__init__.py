"""`madoguchi demo`: hub, desk and a kiosk with simulated devices on one machine, and proof that they work.

With a display the kiosk opens in a window and a person plays both sides. Without one a real headless browser
presses the desk's own buttons, a virtual display shows the kiosk, and what both saw and heard is measured.
Nothing here draws a picture or makes a figure up: pictures are screenshots, figures are read back.
"""
