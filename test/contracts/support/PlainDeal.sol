// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {DealFixture} from "./DealFixture.sol";

/// @dev A deal on the plain terms, and what becomes of its money.
abstract contract PlainDeal is DealFixture {
    IEscrow.Terms internal t;
    bytes32 internal id;

    function setUp() public override {
        super.setUp();
        t = terms();
        id = escrow.dealId(t);
    }

    function paidOut(uint256 toPayer, uint256 toPayee, uint256 toArbiter, uint256 toApp) internal view {
        eq(token.balanceOf(alice), WEALTH - t.amount + toPayer, "payer");
        eq(token.balanceOf(bob), WEALTH + toPayee, "payee");
        eq(token.balanceOf(carol), WEALTH + toArbiter, "arbiter");
        eq(token.balanceOf(mallory), WEALTH + toApp, "app");
        eq(token.balanceOf(address(escrow)), 0, "escrow is empty");
        eq(uint8(escrow.deal(id).state), uint8(IEscrow.State.Closed), "closed");
    }

    function disputed() internal {
        fundDeal(t);
        vm.prank(bob);
        escrow.dispute(t);
    }

    function afterDisputeWindow() internal view returns (uint256) {
        return uint256(t.deliverBy) + t.disputeWindow + 1;
    }
}
