// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IDealEvaluator} from "../../contracts/interfaces/IDealEvaluator.sol";
import {IEscrow} from "../../contracts/interfaces/IEscrow.sol";

/// @title A parcel that costs less with every hour that it is late
/// @notice `terms.details` is `keccak256(abi.encode(parcel))`; evidence is `abi.encode(parcel, at, signature)`, with the
/// recipient's (the payer's) signature of `Receipt(bytes32 deal,uint40 at)`. The carrier gets its collateral back, and the fare
/// less `bpsPerHour` for each hour begun after `promisedBy`.
contract LateParcel is IDealEvaluator, EIP712 {
    struct Parcel {
        uint40 promisedBy;
        uint16 bpsPerHour;
        bytes32 salt;
    }

    bytes32 private constant RECEIPT = keccak256("Receipt(bytes32 deal,uint40 at)");

    error OtherParcel(bytes32 deal);
    error NotReceived(bytes32 deal, uint40 at);

    constructor() EIP712("LateParcel", "1") {}

    /// @inheritdoc IDealEvaluator
    function evaluate(
        bytes32 deal,
        IEscrow.Terms calldata terms,
        uint128,
        bytes calldata evidence
    ) external view returns (uint128 payeeAmount, bool isFinal) {
        (Parcel memory parcel, uint40 at, bytes memory signature) = abi.decode(
            evidence,
            (Parcel, uint40, bytes)
        );
        if (keccak256(abi.encode(parcel)) != terms.details) revert OtherParcel(deal);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(RECEIPT, deal, at)));
        if (!SignatureChecker.isValidSignatureNow(terms.payer, digest, signature))
            revert NotReceived(deal, at);

        uint256 lateHours = at > parcel.promisedBy ? (at - parcel.promisedBy + 3_599) / 3_600 : 0;
        uint256 lost = lateHours * parcel.bpsPerHour;
        uint256 fare = lost < 10_000 ? (uint256(terms.amount) * (10_000 - lost)) / 10_000 : 0;
        return (terms.collateral + uint128(fare), true);
    }
}
