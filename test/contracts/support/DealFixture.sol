// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {Fixture} from "./Fixture.sol";

/// @dev What tests of deals share: terms of every kind, signatures, and the sum of all money.
abstract contract DealFixture is Fixture {
    uint40 internal constant DEADLINE = type(uint40).max;
    uint128 internal constant BOND = 8 * TEA;
    uint128 internal constant COLLATERAL = 40 * TEA;

    /// @dev Terms under which each side of a dispute deposits `BOND`.
    function bondedTerms() internal view returns (IEscrow.Terms memory t) {
        t = terms();
        t.bond = BOND;
    }

    /// @dev Terms under which bob locks `COLLATERAL`.
    function collateralTerms() internal view returns (IEscrow.Terms memory t) {
        t = terms();
        t.collateral = COLLATERAL;
    }

    /// @dev Terms that `evaluator` may decide; without a decision alice gets everything back.
    function evaluatedTerms(address evaluator) internal view returns (IEscrow.Terms memory t) {
        t = terms();
        t.evaluator = evaluator;
        t.defaultToPayee = 0;
    }

    function fundAndAccept(IEscrow.Terms memory t) internal returns (bytes32 id) {
        id = fundDeal(t);
        vm.prank(t.payee);
        escrow.accept(t);
    }

    /// @dev alice disputes, and bob answers.
    function fundAndDispute(IEscrow.Terms memory t) internal returns (bytes32 id) {
        id = fundDeal(t);
        vm.prank(t.payer);
        escrow.dispute(t);
        if (t.bond == 0) return id;
        vm.prank(t.payee);
        escrow.answer(t);
    }

    function signedAct(
        uint256 key,
        IEscrow.Act act,
        bytes32 id,
        uint256 value
    ) internal view returns (bytes memory) {
        return signature(key, escrow.actDigest(act, id, value, DEADLINE));
    }

    function settlementDigest(bytes32 id, uint128 payeeAmount) internal view returns (bytes32) {
        return escrow.actDigest(IEscrow.Act.Settlement, id, payeeAmount, DEADLINE);
    }

    function stateOf(bytes32 id) internal view returns (IEscrow.State) {
        return escrow.deal(id).state;
    }

    function inState(bytes32 id, IEscrow.State state) internal view {
        eq(uint8(stateOf(id)), uint8(state), "state");
    }

    /// @dev What each of the four has more or less than at the start, and that nothing is left behind.
    function moved(int256 payer, int256 payee, int256 arbiter, int256 other) internal view {
        change(alice, payer, "payer");
        change(bob, payee, "payee");
        change(carol, arbiter, "arbiter");
        change(mallory, other, "mallory");
        eq(token.balanceOf(address(escrow)), 0, "escrow is empty");
    }

    function change(address who, int256 by, string memory what) internal view {
        eq(token.balanceOf(who), uint256(int256(WEALTH) + by), what);
    }
}
