// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Signed} from "../libraries/Signed.sol";

/// @dev Signed actions that anyone may send, each signer's in their order.
abstract contract Relayed is Signed, EIP712, Nonces {
    /// @dev Uses the next nonce of `signer`. `head` is `abi.encode(typehash, arguments…)`; the type ends with nonce and deadline.
    function _useSignature(
        address signer,
        bytes memory head,
        uint40 deadline,
        bytes calldata signature
    ) internal {
        bytes memory data = abi.encodePacked(head, _useNonce(signer), uint256(deadline));
        _requireSigned(signer, _hashTypedDataV4(keccak256(data)), deadline, signature);
    }
}
