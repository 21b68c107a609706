// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IPaymentChannels as I} from "../../contracts/interfaces/IPaymentChannels.sol";
import {ISigned} from "../../contracts/interfaces/ISigned.sol";
import {ITokenCustody} from "../../contracts/interfaces/ITokenCustody.sol";
import {ChannelFixture} from "./support/ChannelFixture.sol";

/// What a payer signs and somebody else sends.
contract ChannelConsentTest is ChannelFixture {
    function setUp() public override {
        super.setUp();
        vm.prank(alice);
        channels.deposit(alice, 1_000);
    }

    // --- allocateFor ---

    function test_allocateFor_letsThePayeeOpenAndTopUp() public {
        I.Allocation memory a = allocation(bob, 300);
        bytes memory sig = signedAllocation(a);
        vm.expectEmit();
        emit I.Allocated(alice, bob, 1, 300, alice, 700);
        vm.prank(bob);
        channels.allocateFor(a, sig);
        eq(channels.channelNonce(alice, bob), 1, "nonce");

        a.total = 500;
        a.nonce = 1;
        sig = signedAllocation(a);
        vm.prank(mallory); // whoever submits
        channels.allocateFor(a, sig);
        I.Account memory account_ = channels.account(alice, bob);
        eq(account_.allocated, 500, "an absolute total");
        eq(account_.epoch, 1, "the same epoch");
        eq(channels.balance(alice), 500, "free");
        eq(channels.channelNonce(alice, bob), 2, "nonce");
    }

    function test_allocateFor_countsAnewInTheNextEpoch() public {
        I.Allocation memory a = allocation(bob, 300);
        channels.allocateFor(a, signedAllocation(a));
        closeChannel(bob);
        eq(channels.channelNonce(alice, bob), 0, "counts anew");
        a.epoch = 2;
        channels.allocateFor(a, signedAllocation(a));
        eq(channels.account(alice, bob).epoch, 2, "the next epoch");
        eq(channels.channelNonce(alice, bob), 1, "used");
    }

    function test_allocateFor_takesTheWordOfAContract() public {
        wallet.setOwner(alice);
        vm.prank(alice);
        channels.deposit(address(wallet), 100);
        I.Allocation memory a = allocation(bob, 100);
        a.payer = address(wallet);
        channels.allocateFor(a, signedAllocation(a));
        eq(channels.account(address(wallet), bob).allocated, 100, "allocated");
        wallet.setOwner(bob);
        a.nonce = 1;
        bytes memory sig = signedAllocation(a);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, address(wallet)));
        channels.allocateFor(a, sig);
    }

    function test_allocateFor_refusesTheWrongEpochAndNonce() public {
        I.Allocation memory a = allocation(bob, 100);
        a.epoch = 0;
        refused(a, abi.encodeWithSelector(I.WrongEpoch.selector, 0, 1));
        a.epoch = 1;
        a.nonce = 1;
        refused(a, abi.encodeWithSelector(I.WrongNonce.selector, 1, 0));
        a.nonce = 0;
        channels.allocateFor(a, signedAllocation(a));
        a.total = 200;
        refused(a, abi.encodeWithSelector(I.WrongNonce.selector, 0, 1));
        a.nonce = 1;
        a.epoch = 2;
        refused(a, abi.encodeWithSelector(I.WrongEpoch.selector, 2, 1));
    }

    function test_allocateFor_refusesAfterTheDeadline() public {
        I.Allocation memory a = allocation(bob, 100);
        a.deadline = uint40(block.timestamp);
        bytes memory sig = signedAllocation(a);
        skip(1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignatureExpired.selector, a.deadline));
        channels.allocateFor(a, sig);
        vm.warp(a.deadline);
        channels.allocateFor(a, sig);
    }

    /// Every field is signed.
    function test_allocateFor_refusesWhatWasNotSigned() public {
        I.Allocation memory a = allocation(bob, 100);
        bytes memory sig = signedAllocation(a);
        bytes memory badSignature = abi.encodeWithSelector(ISigned.BadSignature.selector, alice);
        for (uint256 field = 0; field < 4; ++field) {
            I.Allocation memory b = allocation(bob, 100);
            if (field == 0) b.payee = carol;
            if (field == 1) b.total = 101;
            if (field == 2) b.signer = mallory;
            if (field == 3) b.deadline += 1;
            vm.expectRevert(badSignature);
            channels.allocateFor(b, sig);
        }
        a.payer = mallory;
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, mallory));
        channels.allocateFor(a, sig);
        a.payer = alice;
        vm.expectRevert(badSignature);
        channels.allocateFor(a, "");
    }

    function test_allocateFor_keepsTheRulesOfAllocate() public {
        I.Allocation memory a = allocation(address(0), 100);
        refused(a, abi.encodeWithSelector(ITokenCustody.ZeroAddress.selector));
        a = allocation(bob, 0);
        refused(a, abi.encodeWithSelector(I.ZeroAmount.selector));
        a = allocation(bob, 1_001);
        refused(a, abi.encodeWithSelector(I.InsufficientBalance.selector, alice, 1_001, 1_000));
        a = allocation(bob, 100);
        a.signer = address(0);
        refused(a, abi.encodeWithSelector(I.ZeroSigner.selector));
        a = allocation(bob, 100);
        channels.allocateFor(a, signedAllocation(a));
        a.nonce = 1;
        a.signer = carol;
        refused(a, abi.encodeWithSelector(I.SignerPinned.selector, bob, carol, alice));
        a.signer = alice;
        a.total = 99;
        refused(a, abi.encodeWithSelector(I.AllocationOnlyGrows.selector, bob, 99, 100));
    }

    function test_allocateFor_cancelsAThawOnlyIfSignedAfterIt() public {
        I.Allocation memory a = allocation(bob, 100);
        channels.allocateFor(a, signedAllocation(a));
        a.nonce = 1; // signed, and not submitted before the thaw
        vm.prank(alice);
        channels.thaw(bob);
        refused(a, abi.encodeWithSelector(I.WrongNonce.selector, 1, 2));
        a.nonce = 2;
        channels.allocateFor(a, signedAllocation(a));
        eq(channels.account(alice, bob).thawingUntil, 0, "she changed her mind");
    }

    // --- depositFor, withdrawFor ---

    function test_depositFor_takesTheTokensOfWhoSigned() public {
        bytes memory sig = signDeposit(aliceKey, alice, bob, 50, 0, DEADLINE);
        vm.expectEmit();
        emit I.Deposited(bob, alice, 50, 50);
        vm.prank(mallory);
        channels.depositFor(alice, bob, 50, DEADLINE, sig);
        eq(channels.balance(bob), 50, "for bob");
        eq(token.balanceOf(alice), WEALTH - 1_050, "alice's tokens");
        eq(channels.balanceNonce(alice), 1, "her nonce");
        eq(channels.balanceNonce(bob), 0, "not his");
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        channels.depositFor(alice, bob, 50, DEADLINE, sig);
    }

    function test_depositFor_refusesWhatWasNotSigned() public {
        bytes memory sig = signDeposit(aliceKey, alice, bob, 50, 0, DEADLINE);
        bytes memory badSignature = abi.encodeWithSelector(ISigned.BadSignature.selector, alice);
        vm.startPrank(mallory);
        vm.expectRevert(badSignature);
        channels.depositFor(alice, mallory, 50, DEADLINE, sig); // an allowance is no consent
        vm.expectRevert(badSignature);
        channels.depositFor(alice, bob, 51, DEADLINE, sig);
        vm.expectRevert(badSignature);
        channels.depositFor(alice, bob, 50, DEADLINE + 1, sig);
        vm.warp(DEADLINE + 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignatureExpired.selector, DEADLINE));
        channels.depositFor(alice, bob, 50, DEADLINE, sig);
        vm.stopPrank();
    }

    function test_depositFor_refusesZeros() public {
        bytes memory sig = signDeposit(aliceKey, alice, bob, 0, 0, DEADLINE);
        vm.expectRevert(I.ZeroAmount.selector);
        channels.depositFor(alice, bob, 0, DEADLINE, sig);
        sig = signDeposit(aliceKey, alice, address(0), 1, 0, DEADLINE);
        vm.expectRevert(ITokenCustody.ZeroAddress.selector);
        channels.depositFor(alice, address(0), 1, DEADLINE, sig);
    }

    function test_withdrawFor_paysThePayerOnly() public {
        bytes memory sig = signWithdrawal(aliceKey, alice, 400, 0, DEADLINE);
        vm.expectEmit();
        emit I.Withdrawn(alice, 400, 600);
        vm.prank(mallory);
        channels.withdrawFor(alice, 400, DEADLINE, sig);
        eq(token.balanceOf(alice), WEALTH - 600, "paid");
        eq(token.balanceOf(mallory), WEALTH, "nothing for the relay");
        eq(channels.balanceNonce(alice), 1, "nonce");
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        channels.withdrawFor(alice, 400, DEADLINE, sig); // once
    }

    function test_withdrawFor_refusesWhatWasNotSigned() public {
        bytes memory sig = signWithdrawal(aliceKey, alice, 400, 0, DEADLINE);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        channels.withdrawFor(alice, 401, DEADLINE, sig);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, bob));
        channels.withdrawFor(bob, 400, DEADLINE, sig);
        sig = signWithdrawal(aliceKey, alice, 1_001, 0, DEADLINE);
        vm.expectRevert(abi.encodeWithSelector(I.InsufficientBalance.selector, alice, 1_001, 1_000));
        channels.withdrawFor(alice, 1_001, DEADLINE, sig);
        sig = signWithdrawal(aliceKey, alice, 0, 0, DEADLINE);
        vm.expectRevert(I.ZeroAmount.selector);
        channels.withdrawFor(alice, 0, DEADLINE, sig);
        vm.warp(DEADLINE + 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignatureExpired.selector, DEADLINE));
        channels.withdrawFor(alice, 400, DEADLINE, sig);
    }

    // --- thawFor, deallocateFor ---

    function test_thawForAndDeallocateFor_closeWithoutGasOfThePayer() public {
        I.Allocation memory a = allocation(bob, 300);
        channels.allocateFor(a, signedAllocation(a));
        uint40 until = uint40(block.timestamp) + CHANNEL_THAW;
        vm.expectEmit();
        emit I.Thawing(alice, bob, 1, until);
        vm.prank(mallory);
        channels.thawFor(alice, bob, DEADLINE, signThaw(aliceKey, alice, bob, 1, 1, DEADLINE));
        eq(channels.channelNonce(alice, bob), 2, "nonce");

        bytes memory sig = signDeallocation(aliceKey, alice, bob, 1, 2, DEADLINE);
        vm.expectRevert(abi.encodeWithSelector(I.NotThawed.selector, bob, until));
        channels.deallocateFor(alice, bob, DEADLINE, sig);
        vm.warp(until);
        vm.expectEmit();
        emit I.Deallocated(alice, bob, 1, 300, 1_000);
        vm.prank(mallory);
        channels.deallocateFor(alice, bob, DEADLINE, sig);
        vm.expectRevert(abi.encodeWithSelector(I.ChannelClosed.selector, alice, bob));
        channels.deallocateFor(alice, bob, DEADLINE, sig);
    }

    function test_thawForAndDeallocateFor_refuseWhatWasNotSigned() public {
        openChannel(bob, 100);
        bytes memory thaw = signThaw(aliceKey, alice, bob, 1, 0, DEADLINE);
        bytes memory end = signDeallocation(aliceKey, alice, bob, 1, 0, DEADLINE);
        bytes memory badSignature = abi.encodeWithSelector(ISigned.BadSignature.selector, alice);
        vm.expectRevert(badSignature);
        channels.thawFor(alice, bob, DEADLINE, end);
        vm.expectRevert(badSignature);
        channels.deallocateFor(alice, bob, DEADLINE, thaw);
        vm.expectRevert(badSignature);
        channels.thawFor(alice, bob, DEADLINE + 1, thaw);
        vm.expectRevert(abi.encodeWithSelector(I.ChannelClosed.selector, alice, carol));
        channels.thawFor(alice, carol, DEADLINE, thaw);
        openChannel(carol, 100);
        vm.expectRevert(badSignature);
        channels.thawFor(alice, carol, DEADLINE, thaw);
        thaw = signThaw(aliceKey, alice, bob, 2, 0, DEADLINE);
        vm.expectRevert(badSignature);
        channels.thawFor(alice, bob, DEADLINE, thaw); // another epoch
        vm.warp(DEADLINE + 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignatureExpired.selector, DEADLINE));
        channels.thawFor(alice, bob, DEADLINE, thaw);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignatureExpired.selector, DEADLINE));
        channels.deallocateFor(alice, bob, DEADLINE, end);
    }

    function test_thawFor_isRefusedTwice() public {
        openChannel(bob, 100);
        bytes memory sig = signThaw(aliceKey, alice, bob, 1, 0, DEADLINE);
        channels.thawFor(alice, bob, DEADLINE, sig);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        channels.thawFor(alice, bob, DEADLINE, sig);
        sig = signThaw(aliceKey, alice, bob, 1, 1, DEADLINE);
        uint40 until = uint40(block.timestamp) + CHANNEL_THAW;
        vm.expectRevert(abi.encodeWithSelector(I.AlreadyThawing.selector, bob, until));
        channels.thawFor(alice, bob, DEADLINE, sig);
    }

    // --- the last ones ---

    function test_lastNonce_isNeverSignedWithAndBlocksNothingElse() public {
        openChannel(bob, 100);
        setNonce(alice, bob, 2 ** 15 - 2);
        I.Allocation memory a = allocation(bob, 200);
        a.nonce = 2 ** 15 - 2;
        channels.allocateFor(a, signedAllocation(a));
        a.nonce = 2 ** 15 - 1;
        a.total = 300;
        refused(a, abi.encodeWithSelector(I.NoncesUsedUp.selector, alice, bob));
        bytes memory sig = signThaw(aliceKey, alice, bob, 1, a.nonce, DEADLINE);
        vm.expectRevert(abi.encodeWithSelector(I.NoncesUsedUp.selector, alice, bob));
        channels.thawFor(alice, bob, DEADLINE, sig);
        vm.prank(alice);
        channels.thaw(bob);
        eq(channels.channelNonce(alice, bob), a.nonce, "stays");
        sig = signDeallocation(aliceKey, alice, bob, 1, a.nonce, DEADLINE);
        skip(CHANNEL_THAW);
        vm.expectRevert(abi.encodeWithSelector(I.NoncesUsedUp.selector, alice, bob));
        channels.deallocateFor(alice, bob, DEADLINE, sig);
        vm.prank(alice);
        channels.deallocate(bob);
        eq(channels.balance(alice), 1_100, "all back");
    }

    function test_lastEpoch_isNeverFollowedByTheFirst() public {
        openChannel(bob, 100);
        setEpoch(alice, bob, 2 ** 20 - 1);
        eq(channels.account(alice, bob).epoch, 2 ** 20 - 1, "the last");
        closeChannel(bob);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.EpochsUsedUp.selector, alice, bob));
        channels.allocate(bob, 1, alice);
        eq(channels.balance(alice), 1_100, "all back");
    }

    function refused(I.Allocation memory a, bytes memory why) private {
        bytes memory sig = signedAllocation(a);
        vm.expectRevert(why);
        channels.allocateFor(a, sig);
    }
}
