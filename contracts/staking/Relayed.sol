// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IRelayed} from "../interfaces/IRelayed.sol";

/// @title Signed actions that anyone may send
abstract contract Relayed is IRelayed, EIP712, Nonces {
    /// @dev Uses the next nonce of `signer`. `head` is `abi.encode(typehash, arguments…)`; the type ends with nonce and deadline.
    function _useSignature(
        address signer,
        bytes memory head,
        uint40 deadline,
        bytes calldata signature
    ) internal {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        bytes memory data = abi.encodePacked(head, _useNonce(signer), uint256(deadline));
        bytes32 digest = _hashTypedDataV4(keccak256(data));
        if (!SignatureChecker.isValidSignatureNowCalldata(signer, digest, signature))
            revert BadSignature(signer);
    }
}
