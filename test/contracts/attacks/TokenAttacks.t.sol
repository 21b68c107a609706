// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {ITokenCustody} from "../../../contracts/interfaces/ITokenCustody.sol";
import {LocalToken} from "../../../contracts/token/LocalToken.sol";
import {DenyToken, FeeToken, RoundingToken, SilentToken} from "../support/HostileTokens.sol";
import {Fixture} from "../support/Fixture.sol";

/// Numbered like the list of attacks in docs/contracts.md.
contract TokenAttacksTest is Fixture {
    function use(LocalToken hostile) private {
        deploy(IERC20(address(hostile)));
        address[4] memory people = [alice, bob, carol, mallory];
        for (uint256 i = 0; i < people.length; ++i) fund(people[i]);
    }

    // --- 8: a payee that can't or won't be paid ---

    function collectsToClaimable(address payee) private {
        openChannel(payee, 100);
        IPaymentChannels.Voucher memory v = voucher(payee, 1, 60);
        bytes memory sig = signed(v);
        vm.expectEmit();
        emit ITokenCustody.ClaimableAdded(payee, 60);
        channels.collect(v, sig);
        eq(channels.claimable(payee), 60, "waits for the payee");
        vm.startPrank(alice);
        channels.thaw(payee);
        skip(CHANNEL_THAW);
        channels.deallocate(payee);
        vm.stopPrank();
        eq(channels.balance(alice), 40, "the payer closes all the same");
    }

    function test_attack08_deniedPayee() public {
        for (uint256 manner = 0; manner < 3; ++manner) {
            use(new DenyToken());
            DenyToken deny = DenyToken(address(token));
            deny.deny(bob, true, DenyToken.Manner(manner));
            collectsToClaimable(bob);
            vm.expectRevert();
            channels.claim(bob); // refused still
            deny.deny(bob, false, DenyToken.Manner.Revert);
            channels.claim(bob);
            eq(token.balanceOf(bob), WEALTH + 60, "paid in the end");
            vm.expectRevert(abi.encodeWithSelector(ITokenCustody.NothingToClaim.selector, bob));
            channels.claim(bob);
        }
    }

    function test_attack08_deniedMemberSlasherAndParties() public {
        use(new DenyToken());
        DenyToken deny = DenyToken(address(token));
        uint256 id = join(7, 100, alice);
        join(8, 100, mallory);
        IEscrow.Terms memory t = terms();
        fundDeal(t);
        deny.deny(alice, true, DenyToken.Manner.Revert);
        deny.deny(bob, true, DenyToken.Manner.Revert);
        deny.deny(BURNED, true, DenyToken.Manner.Revert);

        vm.prank(alice);
        registry.exit(id);
        skip(EXIT_DELAY);
        registry.withdraw(id, alice);
        eq(registry.claimable(alice), 100 * DEPOSIT, "the holder's deposit waits");

        commitAndWait(bob, 8, "");
        vm.prank(bob);
        registry.slash(8, mallory, "");
        eq(registry.claimable(bob), 50 * DEPOSIT, "the slasher's reward waits");
        eq(registry.claimable(BURNED), 50 * DEPOSIT, "what can't be burned stays out of reach");

        vm.prank(alice);
        escrow.release(t);
        eq(escrow.claimable(bob), 99 * TEA, "the payee's share waits");
        eq(token.balanceOf(mallory), WEALTH - 100 * (DEPOSIT + FEE) + TEA, "the others are paid");
    }

    // --- 21: tokens that do not behave ---

    function test_attack21_feeOnTransferAndRoundingAreRefused() public {
        for (uint256 i = 0; i < 2; ++i) {
            use(i == 0 ? LocalToken(new FeeToken()) : LocalToken(new RoundingToken()));
            uint256 received = i == 0 ? 990 : 999;
            bytes memory refusal = abi.encodeWithSelector(
                ITokenCustody.InexactTransfer.selector,
                1_000,
                received
            );
            vm.startPrank(alice);
            vm.expectRevert(refusal);
            channels.deposit(alice, 1_000);
            uint32 id = staking.createOperator(alice, alice, address(0));
            vm.expectRevert(refusal);
            staking.stake(id, 0, 1_000);
            vm.expectPartialRevert(ITokenCustody.InexactTransfer.selector);
            registry.register(1, 1, alice, 0, type(uint256).max);
            vm.expectPartialRevert(ITokenCustody.InexactTransfer.selector);
            escrow.fund(terms());
            vm.stopPrank();
        }
    }

    function test_attack21_tokenWithoutAnswersWorks() public {
        use(new SilentToken());
        openChannel(bob, 100);
        IPaymentChannels.Voucher memory v = voucher(bob, 1, 60);
        channels.collect(v, signed(v));
        eq(token.balanceOf(bob), WEALTH + 60, "paid");
        eq(channels.claimable(bob), 0, "nothing waits");
        vm.startPrank(alice);
        channels.deposit(alice, 5);
        channels.withdraw(5);
        vm.stopPrank();
    }

    function test_attack21_forcedEtherAndTokensChangeNothing() public {
        openChannel(bob, 100);
        vm.deal(address(channels), 1 ether);
        LocalToken(address(token)).mint(address(channels), 1_000);
        eq(channels.balance(alice), 0, "nobody is credited");
        vm.prank(mallory);
        vm.expectRevert(abi.encodeWithSelector(IPaymentChannels.InsufficientBalance.selector, mallory, 1, 0));
        channels.withdraw(1);
    }

    function test_attack21_etherIsRefused() public {
        address[4] memory all = [address(channels), address(registry), address(escrow), address(staking)];
        vm.deal(address(this), 1 ether);
        for (uint256 i = 0; i < all.length; ++i) {
            (bool sent, ) = all[i].call{value: 1}("");
            ok(!sent, "no way in for ether");
        }
    }
}
