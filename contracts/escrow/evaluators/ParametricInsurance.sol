// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IDealEvaluator} from "../../interfaces/IDealEvaluator.sol";
import {IEscrow} from "../../interfaces/IEscrow.sol";

/// @title Insurance that pays when a measured value passes a threshold
/// @notice The payer is insured, its amount the premium; the payee insures, and its collateral covers the payout in full.
/// `terms.details` is `keccak256(abi.encode(policy))`; evidence is `abi.encode(policy, reading, signature)`, with the oracle's
/// signature of `Reading(bytes32 subject,int256 value,uint40 time)`. A reading of the subject, taken from the start of the policy
/// until `deliverBy`, that reaches the threshold gets the insured the payout, and the insurer what is left. Let the terms'
/// default give the payee all: it is what happens if nothing did.
contract ParametricInsurance is IDealEvaluator, EIP712 {
    /// @param subject what is measured, in the oracle's words, such as a hash of "rain at a place, mm a day"
    /// @param from unix seconds from which on readings count
    /// @param payout what the insured gets, at most the collateral
    struct Policy {
        address oracle;
        bytes32 subject;
        int256 threshold;
        uint40 from;
        uint128 payout;
        bytes32 salt;
    }

    struct Reading {
        int256 value;
        uint40 time;
    }

    bytes32 private constant READING = keccak256("Reading(bytes32 subject,int256 value,uint40 time)");

    error OtherPolicy(bytes32 deal);
    error NotCovered(bytes32 deal);
    error NotRead(bytes32 deal);

    constructor() EIP712("Teahouse ParametricInsurance", "1") {}

    /// @inheritdoc IDealEvaluator
    function evaluate(
        bytes32 deal,
        IEscrow.Terms calldata terms,
        uint128,
        bytes calldata evidence
    ) external view returns (uint128 payeeAmount, bool isFinal) {
        (Policy memory policy, Reading memory r, bytes memory signature) = abi.decode(
            evidence,
            (Policy, Reading, bytes)
        );
        if (keccak256(abi.encode(policy)) != terms.details) revert OtherPolicy(deal);
        bool inTime = r.time >= policy.from && r.time <= terms.deliverBy && r.time <= block.timestamp;
        if (!inTime || r.value < policy.threshold || policy.payout > terms.collateral)
            revert NotCovered(deal);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(READING, policy.subject, r.value, r.time)));
        if (!SignatureChecker.isValidSignatureNow(policy.oracle, digest, signature)) revert NotRead(deal);
        return (terms.amount + terms.collateral - policy.payout, true);
    }
}
