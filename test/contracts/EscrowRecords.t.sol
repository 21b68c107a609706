// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow as I} from "../../contracts/interfaces/IEscrow.sol";
import {ISigned} from "../../contracts/interfaces/ISigned.sol";
import {DealFixture} from "./support/DealFixture.sol";

/// What is kept of a deal, and who is paid next to nothing.
contract EscrowRecordsTest is DealFixture {
    function test_closed_keepsTheStateAlone() public {
        I.Terms memory t = bondedTerms();
        bytes32 id = fundAndDispute(t);
        ok(escrow.deal(id).endsAt != 0, "something was kept");
        vm.prank(carol);
        escrow.rule(t, 1);
        I.Deal memory d = escrow.deal(id);
        eq(uint8(d.state), uint8(I.State.Closed), "closed");
        ok(!d.byPayee, "by nobody");
        eq(d.endsAt, 0, "no end");
        eq(d.left, 0, "nothing left");
    }

    function test_dispute_withoutABondIsAdvancedByNobody() public {
        bytes32 id = fundAndDispute(terms());
        (address forPayer, address forPayee) = escrow.advancers(id);
        eq(forPayer, address(0), "for the payer");
        eq(forPayee, address(0), "for the payee");
    }

    function test_rule_paysAFeeOfOneUnit() public {
        I.Terms memory t = terms();
        t.arbiterFee = 1;
        fundAndDispute(t);
        vm.prank(carol);
        escrow.rule(t, 0);
        moved(-1, 0, 1, 0);
    }

    function test_unanswered_owesNobodyTheBondThatNobodyDeposited() public {
        I.Terms memory t = bondedTerms();
        bytes32 id = fundDeal(t);
        vm.prank(alice);
        escrow.dispute(t);
        vm.warp(escrow.deal(id).endsAt + 1);
        escrow.expire(t);
        eq(escrow.claimable(address(0)), 0, "nothing for nobody");
        eq(token.balanceOf(alice), WEALTH, "alice has all of hers");
    }

    function test_release_takesAnAppFeeOfOneBasisPoint() public {
        I.Terms memory t = terms();
        t.appFeeBps = 1;
        fundDeal(t);
        vm.prank(alice);
        escrow.release(t);
        int256 amount = int256(uint256(t.amount));
        moved(-amount, amount - amount / 10_000, 0, amount / 10_000);
    }

    function test_releasePart_costsNoMoreAboveTheCollateral() public {
        I.Terms memory t = collateralTerms();
        t.appFeeBps = 1_000;
        bytes32 id = fundAndAccept(t);
        vm.startPrank(alice);
        escrow.releasePart(t, 50 * TEA); // 10 more than the collateral
        vm.expectEmit();
        emit I.PartPaid(id, 18 * TEA, 2 * TEA, 70 * TEA);
        escrow.releasePart(t, 70 * TEA);
        vm.stopPrank();
    }

    function test_byPayee_isNotSetBeforeADispute() public {
        ok(!escrow.deal(fundDeal(terms())).byPayee, "funded at once");
        I.Terms memory t = collateralTerms();
        bytes32 id = fundDeal(t);
        ok(!escrow.deal(id).byPayee, "offered");
        vm.prank(bob);
        escrow.accept(t);
        ok(!escrow.deal(id).byPayee, "funded");
    }

    function test_acceptFor_needsThePayeesSignature() public {
        I.Terms memory t = collateralTerms();
        bytes32 id = fundDeal(t);
        bytes memory forged = signedAct(malloryKey, I.Act.Acceptance, id, 0);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, bob));
        escrow.acceptFor(t, DEADLINE, forged);
    }

    function test_releaseFor_needsThePayersSignature() public {
        I.Terms memory t = terms();
        bytes32 id = fundDeal(t);
        bytes memory forged = signedAct(bobKey, I.Act.Release, id, 0);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        escrow.releaseFor(t, DEADLINE, forged);
    }
}
