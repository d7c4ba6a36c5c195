"""One module an area; each lists its own `urlpatterns`."""
