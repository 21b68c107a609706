// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IDealEvaluator} from "../interfaces/IDealEvaluator.sol";
import {IEscrow} from "../interfaces/IEscrow.sol";
import {DealLedger} from "./DealLedger.sol";
import {DealTerms} from "./DealTerms.sol";

/// @dev Deals that a contract decides.
abstract contract DealEvaluation is DealLedger {
    using DealTerms for Terms;

    /// @dev What an evaluator may use: enough for two checks of a Groth16 proof.
    uint256 private constant EVALUATOR_GAS = 500_000;

    /// @inheritdoc IEscrow
    function evaluate(Terms calldata terms, bytes calldata evidence) external nonReentrant {
        bytes32 id = dealId(terms);
        Deal memory d = _requireOpen(id);
        if (terms.evaluator == address(0)) revert NoEvaluator(id);
        _requireInTime(id, terms, d);
        uint128 paid = terms.pot() - d.left;
        (uint128 total, bool isFinal) = _ask(id, terms, paid, evidence);

        bool undisputed = d.state == State.Funded;
        if (!isFinal) {
            // What an arbiter is looking at must not shrink.
            if (!undisputed) revert WrongState(id, d.state);
            return _payPart(id, terms, d, total);
        }
        if (total < paid) revert EvaluatorFailed(id, terms.evaluator);
        uint128 part = total - paid;
        uint128 toApp = undisputed ? terms.appFee(paid, part) : 0;
        _close(id, terms, d, Outcome.Evaluated, part - toApp, 0, toApp);
    }

    /// @dev Never reads more than two words of the answer.
    function _ask(
        bytes32 id,
        Terms calldata terms,
        uint128 paid,
        bytes calldata evidence
    ) private view returns (uint128, bool) {
        bytes memory question = abi.encodeCall(IDealEvaluator.evaluate, (id, terms, paid, evidence));
        address evaluator = terms.evaluator;
        // A call passes on at most 63/64 of the gas; a fortieth more than its gas covers that and the call itself.
        if (gasleft() < EVALUATOR_GAS + EVALUATOR_GAS / 40) revert TooLittleGas();
        bool ok;
        uint256 total;
        uint256 flag;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            ok := staticcall(EVALUATOR_GAS, evaluator, add(question, 0x20), mload(question), 0, 0x40)
            ok := and(ok, gt(returndatasize(), 0x3f))
            total := mload(0)
            flag := mload(0x20)
        }
        if (!ok || total > terms.pot() || flag > 1) revert EvaluatorFailed(id, evaluator);
        return (uint128(total), flag == 1);
    }
}
