"""What the ear learns from: papers that are drawn, and wordings that are written."""
