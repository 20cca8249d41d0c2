"""What an account sets for a region in EC2, as AWS answers it: moto has none of these operations.

Snapshots and images start open and instances without a preference; the world sets all of it.
"""

SNAPSHOTS, IMAGES, METADATA = "snapshots", "images", "metadata"
OPEN = "unblocked"
BY = {"ManagedBy": "account"}
STATE = {SNAPSHOTS: "State", IMAGES: "ImageBlockPublicAccessState"}


def kept(response):
    """What the account of a request keeps in its region."""
    return vars(response.ec2_backend).setdefault("peers_defaults", {SNAPSHOTS: OPEN, IMAGES: OPEN, METADATA: {}})


def switch(part, parameter, answered):
    """Says what a part is from now on: the parameter, or open where none is taken."""

    def given(response):
        kept(response)[part] = response._get_param(parameter) if parameter else OPEN
        return answered({STATE[part]: kept(response)[part]})

    return given


def state(part, answered):
    return lambda response: answered({STATE[part]: kept(response)[part], **BY})


def modify_metadata(answered):
    def given(response):
        told = {name: response._get_param(name) for name in ("HttpTokens", "HttpPutResponseHopLimit")}
        kept(response)[METADATA].update({name: value for name, value in told.items() if value is not None})
        return answered({"Return": True})

    return given


def metadata(answered):
    return lambda response: answered({"AccountLevel": {**kept(response)[METADATA], **BY}})


def operations(answered):
    """Every operation by the name that moto dispatches by."""
    return {
        "enable_snapshot_block_public_access": switch(SNAPSHOTS, "State", answered),
        "disable_snapshot_block_public_access": switch(SNAPSHOTS, None, answered),
        "get_snapshot_block_public_access_state": state(SNAPSHOTS, answered),
        "enable_image_block_public_access": switch(IMAGES, "ImageBlockPublicAccessState", answered),
        "disable_image_block_public_access": switch(IMAGES, None, answered),
        "get_image_block_public_access_state": state(IMAGES, answered),
        "modify_instance_metadata_defaults": modify_metadata(answered),
        "get_instance_metadata_defaults": metadata(answered),
    }
