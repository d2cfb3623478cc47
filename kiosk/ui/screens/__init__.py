"""One file a screen. A screen says its sheet for a View; it remembers nothing that the View does not say."""
