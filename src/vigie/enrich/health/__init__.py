"""What a post says of health: medicines, unwanted effects, illnesses, devices, each with its place and how it is said."""
