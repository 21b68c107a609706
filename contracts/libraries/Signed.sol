// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {ISigned} from "../interfaces/ISigned.sol";

/// @dev Whether somebody signed, and in time.
abstract contract Signed is ISigned {
    /// @dev Reverts unless `signer` signed `digest`, EIP-712 data that holds `deadline`.
    function _requireSigned(
        address signer,
        bytes32 digest,
        uint40 deadline,
        bytes calldata signature
    ) internal view {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        if (!_hasSigned(signer, digest, signature)) revert BadSignature(signer);
    }

    function _hasSigned(
        address signer,
        bytes32 digest,
        bytes calldata signature
    ) internal view returns (bool) {
        return SignatureChecker.isValidSignatureNowCalldata(signer, digest, signature);
    }
}
