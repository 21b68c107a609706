// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IDealEvaluator} from "../../interfaces/IDealEvaluator.sol";
import {IEscrow} from "../../interfaces/IEscrow.sol";

/// @title Work or goods in milestones, each paid when an inspector has seen it
/// @notice `terms.details` is `keccak256(abi.encode(plan))`; evidence is `abi.encode(plan, done, signature)`, with the
/// inspector's signature of `Inspection(bytes32 deal,uint256 done)`. Reached milestones are counted from the first, so a
/// milestone can't be paid twice, and one inspection may stand for several. The last one also ends the deal.
contract Milestones is IDealEvaluator, EIP712 {
    /// @param inspector who says what is done: the payer, or somebody both trust
    /// @param totals what the payee shall have got in all after each milestone
    struct Plan {
        address inspector;
        uint128[] totals;
        bytes32 salt;
    }

    bytes32 private constant INSPECTION = keccak256("Inspection(bytes32 deal,uint256 done)");

    error OtherPlan(bytes32 deal);
    error NoSuchMilestone(bytes32 deal, uint256 done);
    error NotInspected(bytes32 deal, uint256 done);

    constructor() EIP712("Teahouse Milestones", "1") {}

    /// @inheritdoc IDealEvaluator
    function evaluate(
        bytes32 deal,
        IEscrow.Terms calldata terms,
        uint128,
        bytes calldata evidence
    ) external view returns (uint128 payeeAmount, bool isFinal) {
        (Plan memory plan, uint256 done, bytes memory signature) = abi.decode(
            evidence,
            (Plan, uint256, bytes)
        );
        if (keccak256(abi.encode(plan)) != terms.details) revert OtherPlan(deal);
        if (done == 0 || done > plan.totals.length) revert NoSuchMilestone(deal, done);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(INSPECTION, deal, done)));
        if (!SignatureChecker.isValidSignatureNow(plan.inspector, digest, signature))
            revert NotInspected(deal, done);
        return (plan.totals[done - 1], done == plan.totals.length);
    }
}
