"""What a terminal is made of: cameras, audio, touch, hotplug, display, board. Imports nothing of ours."""
