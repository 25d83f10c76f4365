"""Pages as Chromium shows them. A package, so that its tests can share one Chromium and no others."""
