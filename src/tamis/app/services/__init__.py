"""What Tamis does. Console, API, command line and jobs call these functions and nothing below them."""
