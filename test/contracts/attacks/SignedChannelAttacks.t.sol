// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ISigned} from "../../../contracts/interfaces/ISigned.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IPaymentChannels as I} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {ITokenCustody} from "../../../contracts/interfaces/ITokenCustody.sol";
import {PaymentChannels} from "../../../contracts/payments/PaymentChannels.sol";
import {DenyToken, HookToken, Receiver} from "../support/HostileTokens.sol";
import {ChannelFixture} from "../support/ChannelFixture.sol";

/// What a payer signs for others to send, and batches. Numbered like the list of attacks in docs/contracts.md.
contract SignedChannelAttacksTest is ChannelFixture {
    function setUp() public override {
        super.setUp();
        vm.prank(alice);
        channels.deposit(alice, 1_000);
    }

    function refused(PaymentChannels where, I.Allocation memory a, bytes memory sig) private {
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, a.payer));
        where.allocateFor(a, sig);
    }

    function test_attack01_signedActionsReplayedElsewhere() public {
        I.Allocation memory a = allocation(bob, 100);
        bytes memory sig = signedAllocation(a);
        bytes memory withdrawal = signWithdrawal(aliceKey, alice, 1, 0, DEADLINE);
        bytes memory deposit = signDeposit(aliceKey, alice, alice, 1, 0, DEADLINE);

        // another contract with the same state
        PaymentChannels twin = new PaymentChannels(token, CHANNEL_THAW);
        vm.startPrank(alice);
        token.approve(address(twin), 1_000);
        twin.deposit(alice, 500);
        vm.stopPrank();
        bytes memory badSignature = abi.encodeWithSelector(ISigned.BadSignature.selector, alice);
        refused(twin, a, sig);
        vm.expectRevert(badSignature);
        twin.withdrawFor(alice, 1, DEADLINE, withdrawal);
        vm.expectRevert(badSignature);
        twin.depositFor(alice, alice, 1, DEADLINE, deposit);

        // another chain, or this one after a fork
        uint256 here = block.chainid;
        vm.chainId(here + 1);
        refused(channels, a, sig);
        vm.expectRevert(badSignature);
        channels.withdrawFor(alice, 1, DEADLINE, withdrawal);
        vm.expectRevert(badSignature);
        channels.depositFor(alice, alice, 1, DEADLINE, deposit);
        vm.chainId(here);
        channels.allocateFor(a, sig);
    }

    function test_attack01_compactVoucherReplayedElsewhere() public {
        openChannel(bob, 100);
        openChannel(carol, 100);
        I.CompactVoucher[] memory vs = new I.CompactVoucher[](3);
        vs[0] = compact(aliceKey, voucher(bob, 1, 10));
        vs[1] = compact(aliceKey, voucher(bob, 1, 20));
        vs[1].cumulative = 90; // more than was signed for
        vs[2] = compact(aliceKey, voucher(bob, 1, 30));
        vs[2].payer = carol;
        eq(channels.collectCompact(carol, vs), 0, "nothing to another payee");
        eq(channels.collectCompact(bob, vs), 10, "only what was signed");
        closeChannel(bob);
        openChannel(bob, 100);
        eq(channels.collectCompact(bob, vs), 0, "nothing in another epoch");
        vm.chainId(block.chainid + 1);
        vs[0] = compact(aliceKey, voucher(carol, 1, 10));
        vm.chainId(block.chainid - 1);
        eq(channels.collectCompact(carol, vs), 0, "nothing on another chain");
    }

    function test_attack02_signedActionsAfterReopening() public {
        I.Allocation memory a = allocation(bob, 100);
        bytes memory sig = signedAllocation(a);
        channels.allocateFor(a, sig);
        bytes memory thaw = signThaw(aliceKey, alice, bob, 1, 0, DEADLINE);
        closeChannel(bob);
        vm.expectRevert(abi.encodeWithSelector(I.WrongEpoch.selector, 1, 2));
        channels.allocateFor(a, sig); // would open it again
        openChannel(bob, 50);
        vm.expectRevert(abi.encodeWithSelector(I.WrongEpoch.selector, 1, 2));
        channels.allocateFor(a, sig); // would raise it
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        channels.thawFor(alice, bob, DEADLINE, thaw); // the nonce is the same, the epoch isn't
    }

    /// A payee keeps an allocation back, to cancel the close that the payer announces later.
    function test_attack02_allocationKeptBackAgainstAThaw() public {
        I.Allocation memory a = allocation(bob, 100);
        channels.allocateFor(a, signedAllocation(a));
        a.nonce = 1;
        bytes memory keptBack = signedAllocation(a);
        vm.prank(alice);
        channels.thaw(bob);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(I.WrongNonce.selector, 1, 2));
        channels.allocateFor(a, keptBack);
        skip(CHANNEL_THAW);
        vm.prank(alice);
        channels.deallocate(bob);
        eq(channels.balance(alice), 1_000, "all back");
    }

    /// Signing more than there is, to several payees, gives them no more than there is.
    function test_attack05_allocationsOverTheDeposit() public {
        I.Allocation memory first = allocation(bob, 800);
        I.Allocation memory second = allocation(carol, 800);
        bytes memory sig = signedAllocation(second);
        channels.allocateFor(first, signedAllocation(first));
        vm.expectRevert(abi.encodeWithSelector(I.InsufficientBalance.selector, alice, 800, 200));
        channels.allocateFor(second, sig);
        eq(channels.account(alice, carol).epoch, 0, "carol sees that nothing is put aside for her");
        eq(channels.channelNonce(alice, carol), 0, "and can submit it later");
    }

    function test_attack07_olderAllocationLowersNothing() public {
        I.Allocation memory older = allocation(bob, 100);
        bytes memory olderSig = signedAllocation(older);
        I.Allocation memory newer = allocation(bob, 300);
        channels.allocateFor(newer, signedAllocation(newer));
        vm.expectRevert(abi.encodeWithSelector(I.WrongNonce.selector, 0, 1));
        channels.allocateFor(older, olderSig);
        older.nonce = 1;
        olderSig = signedAllocation(older);
        vm.expectRevert(abi.encodeWithSelector(I.AllocationOnlyGrows.selector, bob, 100, 300));
        channels.allocateFor(older, olderSig);
    }

    function test_attack08_batchToADeniedPayee() public {
        deploy(IERC20(address(new DenyToken())));
        fund(alice);
        openChannel(bob, 100);
        I.CompactVoucher[] memory vs = new I.CompactVoucher[](1);
        vs[0] = compact(aliceKey, voucher(bob, 1, 60));
        DenyToken(address(token)).deny(bob, true, DenyToken.Manner.Bomb);
        eq(channels.collectCompact(bob, vs), 60, "booked");
        eq(channels.claimable(bob), 60, "waits for him");
        closeChannel(bob);
        eq(channels.balance(alice), 40, "alice closes all the same");
    }

    /// A relay can't turn a withdrawal that the token refuses into a loss.
    function test_attack08_relayedWithdrawalOfADeniedPayer() public {
        deploy(IERC20(address(new DenyToken())));
        fund(alice);
        vm.prank(alice);
        channels.deposit(alice, 100);
        DenyToken(address(token)).deny(alice, true, DenyToken.Manner.Revert);
        bytes memory sig = signWithdrawal(aliceKey, alice, 100, 0, DEADLINE);
        vm.expectRevert(abi.encodeWithSelector(DenyToken.Denied.selector, alice));
        channels.withdrawFor(alice, 100, DEADLINE, sig);
        eq(channels.balance(alice), 100, "still hers");
        eq(channels.balanceNonce(alice), 0, "and her signature still good");
    }

    /// From nothing to an open channel in one transaction of somebody else, whoever used the permit before.
    function test_attack09_permitOfARelayedDepositFrontRun() public {
        vm.prank(alice);
        token.approve(address(channels), 0);
        (uint8 v, bytes32 r, bytes32 s) = signPermit(aliceKey, address(channels), 50);
        uint256 deadline = block.timestamp;
        bytes memory consent = signDeposit(aliceKey, alice, alice, 50, 0, DEADLINE);
        I.Allocation memory a = allocation(bob, 1_050);
        bytes[] memory calls = new bytes[](3);
        calls[0] = abi.encodeCall(ITokenCustody.tryPermitFor, (alice, 50, deadline, v, r, s));
        calls[1] = abi.encodeCall(I.depositFor, (alice, alice, 50, DEADLINE, consent));
        calls[2] = abi.encodeCall(I.allocateFor, (a, signedAllocation(a)));

        vm.startPrank(mallory);
        ERC20Permit(address(token)).permit(alice, address(channels), 50, deadline, v, r, s);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        channels.depositFor(alice, mallory, 50, DEADLINE, consent); // the allowance is there
        vm.stopPrank();
        vm.prank(bob);
        channels.multicall(calls);
        eq(channels.account(alice, bob).allocated, 1_050, "put aside for bob");
    }

    /// A contract may change its mind about an allocation until that is on chain, and never about a voucher.
    function test_attack10_contractPayerUnsigns() public {
        wallet.setOwner(alice);
        vm.prank(alice);
        channels.deposit(address(wallet), 100);
        I.Allocation memory a = allocation(bob, 100);
        (a.payer, a.signer) = (address(wallet), alice);
        channels.allocateFor(a, signedAllocation(a));
        I.Voucher memory v = I.Voucher(address(wallet), bob, 1, 60);
        bytes memory sig = signed(v);
        wallet.setOwner(mallory);
        eq(channels.collect(v, sig), 60, "a voucher given stays given");
    }

    function test_attack21_reentrancyDuringABatch() public {
        deploy(IERC20(address(new HookToken())));
        fund(alice);
        Receiver evil = new Receiver();
        HookToken(address(token)).hook(address(evil));
        openChannel(address(evil), 100);
        I.CompactVoucher[] memory vs = new I.CompactVoucher[](1);
        vs[0] = compact(aliceKey, voucher(address(evil), 1, 90));
        evil.reenter(address(channels), abi.encodeCall(channels.collectCompact, (address(evil), vs)));
        vs[0] = compact(aliceKey, voucher(address(evil), 1, 60));
        channels.collectCompact(address(evil), vs);
        ok(!evil.reentered(), "the call back did not succeed");
        bytes4 why = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
        eq(bytes32(bytes4(evil.refusal())), bytes32(why), "refused by the guard");
        eq(token.balanceOf(address(evil)), 60, "paid once");
    }

    function test_attack22_totalsOfABatchAddUp() public {
        openChannel(bob, 100);
        I.CompactVoucher[] memory vs = new I.CompactVoucher[](3);
        for (uint256 i = 0; i < 3; ++i)
            vs[i] = compact(aliceKey, voucher(bob, 1, type(uint128).max - uint128(i)));
        eq(channels.collectCompact(bob, vs), 100, "saturates at the allocation, once");
    }

    /// The caller pays for its list and nobody else does: a voucher costs the same in a long one, a bad one no more than a good one.
    function test_attack24_costOfABatchIsLinear() public {
        openChannel(bob, 1_000);
        uint256 bad = gasOf(50, false);
        uint256 few = gasOf(10, true);
        uint256 many = gasOf(100, true);
        ok(many < few * 10, "no more for each of many");
        ok(bad < few * 5, "a bad one no more than a good one");
    }

    /// @dev Of `count` vouchers, each a bit more than the one before.
    function gasOf(uint256 count, bool good) private returns (uint256 gas) {
        I.CompactVoucher[] memory vs = new I.CompactVoucher[](count);
        uint128 collected = channels.account(alice, bob).collected;
        for (uint128 i = 0; i < count; ++i)
            vs[i] = compact(good ? aliceKey : malloryKey, voucher(bob, 1, collected + i + 1));
        gas = gasleft();
        channels.collectCompact(bob, vs);
        gas -= gasleft();
    }

    /// A payer without any ether leaves by two signatures that anybody may send.
    function test_attack25_exitWithoutGas() public {
        openChannel(bob, 500);
        vm.startPrank(mallory);
        channels.thawFor(alice, bob, DEADLINE, signThaw(aliceKey, alice, bob, 1, 0, DEADLINE));
        skip(CHANNEL_THAW);
        bytes[] memory calls = new bytes[](2);
        bytes memory end = signDeallocation(aliceKey, alice, bob, 1, 1, DEADLINE);
        bytes memory out = signWithdrawal(aliceKey, alice, 1_500, 0, DEADLINE);
        calls[0] = abi.encodeCall(I.deallocateFor, (alice, bob, DEADLINE, end));
        calls[1] = abi.encodeCall(I.withdrawFor, (alice, 1_500, DEADLINE, out));
        channels.multicall(calls);
        vm.stopPrank();
        eq(token.balanceOf(alice), WEALTH, "all back");
        eq(token.balanceOf(address(channels)), 0, "nothing is left");
    }
}
