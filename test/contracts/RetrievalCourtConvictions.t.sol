// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IAdjudicator as A} from "../../contracts/interfaces/IAdjudicator.sol";
import {INativeCustody} from "../../contracts/interfaces/INativeCustody.sol";
import {IRetrievalCourt as I} from "../../contracts/interfaces/IRetrievalCourt.sol";
import {CourtFixture} from "./support/CourtFixture.sol";
import {Receiver} from "./support/HostileTokens.sol";

/// What a conviction takes, and where the bond goes. Tree: RetrievalCourt.tree.
contract RetrievalCourtConvictionsTest is CourtFixture {
    // --- convict ---

    function test_convict_slashesTheLiabilityAndBurnsTheMost() public {
        I.Receipt memory r = receipt();
        bytes32 rid = court.receiptId(r);
        uint56 index = challengeAndDraw(r);
        uint96 bond = court.caseOf(rid).bond;
        uint40 deadline = uint40(block.timestamp) + WINDOW;
        vm.warp(deadline);
        vm.expectRevert(abi.encodeWithSelector(I.StillTime.selector, deadline));
        court.convict(r);
        vm.warp(deadline + 1);
        vm.expectEmit();
        emit I.Unanswered(rid, id, index, bob, bond);
        vm.expectEmit();
        emit A.Convicted(id, rid, LIABILITY, LIABILITY, bob, LIABILITY / 10);
        vm.prank(mallory);
        eq(court.convict(r), LIABILITY, "what was taken");
        eq(staking.provision(id, SERVICE).tokens, STAKE - LIABILITY, "off the stake");
        eq(token.balanceOf(bob), WEALTH + LIABILITY / 10, "a tenth to the client");
        eq(token.balanceOf(BURNED), LIABILITY - LIABILITY / 10, "the rest burned");
        eq(bob.balance, 100 ether, "the bond is back");
        vm.expectRevert(abi.encodeWithSelector(I.WrongStage.selector, rid, I.Stage.Convicted));
        court.convict(r);
    }

    function test_convict_needsADrawnChallenge() public {
        I.Receipt memory r = receipt();
        bytes32 rid = court.receiptId(r);
        vm.expectRevert(abi.encodeWithSelector(I.WrongStage.selector, rid, I.Stage.Quiet));
        court.convict(r);
        challenge(r);
        skip(1_000);
        vm.expectRevert(abi.encodeWithSelector(I.WrongStage.selector, rid, I.Stage.Open));
        court.convict(r);
    }

    function test_convict_takesNoMoreThanThereIs() public {
        I.Receipt memory r = receipt();
        r.liability = 3 * STAKE;
        challengeInVain(r);
        eq(court.convict(r), STAKE, "all");
        eq(token.balanceOf(bob), WEALTH + STAKE / 10, "a tenth of all");
        eq(staking.provision(id, SERVICE).tokens, 0, "nothing is left");
    }

    function test_convict_returnsTheBondWhereNothingIsLeft() public {
        I.Receipt memory r = receipt();
        r.liability = STAKE;
        I.Receipt memory s = receipt();
        s.slot = 1;
        challenge(r);
        challengeAndDraw(s);
        court.draw(r);
        skip(WINDOW + 1);
        court.convict(r);
        eq(court.convict(s), 0, "nothing left to take");
        eq(bob.balance, 100 ether, "both bonds are back");
    }

    function test_convict_returnsTheBondWhereTheCourtIsOutOfReach() public {
        vm.prank(alice);
        staking.setAdjudicator(id, SERVICE, address(court), false);
        skip(STAKE_THAW - 1);
        I.Receipt memory r = receipt(); // one that isCovered would have refused
        ok(!court.isCovered(r), "not covered");
        challengeInVain(r);
        eq(court.convict(r), 0, "out of reach");
        eq(bob.balance, 100 ether, "the bond is back");
        eq(staking.provision(id, SERVICE).tokens, STAKE, "nothing slashed");
    }

    // --- native coin ---

    function test_claimNative_paysWhatAReceiverRefused() public {
        Receiver wallet = new Receiver(); // has no receive function
        I.Receipt memory r = receipt();
        r.client = address(wallet);
        bytes memory sig = signed(r);
        vm.deal(address(this), 1 ether);
        court.challengeFor{value: 1 ether}(r, sig, uint40(block.timestamp), ""); // nor can this test receive
        skip(WINDOW + 1);
        vm.expectEmit();
        emit INativeCustody.NativeClaimableAdded(address(this), 1 ether);
        court.lapse(r);
        eq(court.claimableNative(address(this)), 1 ether, "waits");
        vm.expectRevert(
            abi.encodeWithSelector(INativeCustody.NativeRefused.selector, address(this), 1 ether)
        );
        court.claimNative(address(this));
        vm.expectRevert(abi.encodeWithSelector(INativeCustody.NothingNativeToClaim.selector, bob));
        court.claimNative(bob);
        vm.etch(address(this), "");
        vm.expectEmit();
        emit INativeCustody.NativeClaimed(address(this), 1 ether);
        court.claimNative(address(this));
    }
}
