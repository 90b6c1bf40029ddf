"""What can be known of the deployment files without a Bicep compiler and without Azure."""
