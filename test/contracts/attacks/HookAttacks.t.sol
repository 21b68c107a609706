// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {ITokenCustody} from "../../../contracts/interfaces/ITokenCustody.sol";
import {LocalToken} from "../../../contracts/token/LocalToken.sol";
import {HookToken, Receiver} from "../support/HostileTokens.sol";
import {Fixture} from "../support/Fixture.sol";

/// Tokens that call sender and receiver, who burn gas, revert or call back. Numbered like the list in docs/contracts.md.
contract HookAttacksTest is Fixture {
    Receiver private evil;

    function setUp() public override {
        super.setUp();
        deploy(IERC20(address(new HookToken())));
        address[4] memory people = [alice, bob, carol, mallory];
        for (uint256 i = 0; i < people.length; ++i) fund(people[i]);
        evil = new Receiver();
        fund(address(evil));
        HookToken(address(token)).hook(address(evil));
    }

    function collectFor(address payee) private returns (uint256 gas) {
        openChannel(payee, 100);
        IPaymentChannels.Voucher memory v = voucher(payee, 1, 60);
        bytes memory sig = signed(v);
        gas = gasleft();
        channels.collect(v, sig);
        gas -= gasleft();
    }

    function test_attack08_payeeWhoseHookReverts() public {
        evil.setMood(Receiver.Mood.Reverting);
        collectFor(address(evil));
        eq(channels.claimable(address(evil)), 60, "waits");
        evil.setMood(Receiver.Mood.Quiet);
        channels.claim(address(evil));
        eq(token.balanceOf(address(evil)), WEALTH + 60, "paid in the end");
    }

    function test_attack08_payeeWhoseHookBurnsGas() public {
        evil.setMood(Receiver.Mood.Burning);
        uint256 gas = collectFor(address(evil));
        eq(channels.claimable(address(evil)), 60, "waits");
        ok(gas < 350_000, "what it burns is bounded");
    }

    /// Whatever a payee calls back while it is being paid is refused, and it gets its money once.
    function test_attack21_reentrancyOnTheWayOut() public {
        openChannel(address(evil), 100);
        IPaymentChannels.Voucher memory v = voucher(address(evil), 1, 60);
        bytes memory sig = signed(v);
        IPaymentChannels.Voucher memory more = voucher(address(evil), 1, 90);
        bytes memory moreSig = signed(more);
        evil.reenter(address(channels), abi.encodeCall(channels.collect, (more, moreSig)));
        channels.collect(v, sig);
        refused();
        eq(token.balanceOf(address(evil)), WEALTH + 60, "paid once");

        uint256 id = commitmentOf(9);
        evil.setMood(Receiver.Mood.Quiet);
        vm.prank(alice);
        registry.register(id, 10, address(evil), 0, type(uint256).max);
        evil.act(address(registry), abi.encodeCall(registry.exit, (id)));
        skip(EXIT_DELAY);
        evil.reenter(address(registry), abi.encodeCall(registry.withdraw, (id, address(evil))));
        registry.withdraw(id, address(evil));
        refused();
        eq(token.balanceOf(address(evil)), WEALTH + 60 + 10 * DEPOSIT, "the deposit once");
    }

    function test_attack21_reentrancyOfADealsPayee() public {
        IEscrow.Terms memory t = terms();
        t.payee = address(evil);
        fundDeal(t);
        evil.reenter(address(escrow), abi.encodeCall(escrow.refund, (t)));
        vm.prank(alice);
        escrow.release(t);
        refused();
        eq(token.balanceOf(address(evil)), WEALTH + 99 * TEA, "its share once");
        eq(token.balanceOf(address(escrow)), 0, "nothing is left, nothing is missing");
    }

    function test_attack21_reentrancyOfAnOperator() public {
        uint32 id = abi.decode(
            evil.act(address(staking), abi.encodeCall(staking.createOperator, (bob, bob, address(0)))),
            (uint32)
        );
        evil.act(address(staking), abi.encodeCall(staking.stake, (id, 0, 100)));
        evil.act(address(staking), abi.encodeCall(staking.thaw, (id, 0, 100)));
        skip(STAKE_THAW);
        evil.reenter(address(staking), abi.encodeCall(staking.withdraw, (id, 0)));
        evil.act(address(staking), abi.encodeCall(staking.withdraw, (id, 0)));
        refused();
        eq(token.balanceOf(address(evil)), WEALTH, "the stake once");
    }

    /// A payer that, while its deposit is being taken, deposits again would be counted twice by balance difference.
    function test_attack21_reentrancyOnTheWayIn() public {
        evil.reenter(address(channels), abi.encodeCall(channels.deposit, (address(evil), 100)));
        evil.act(address(channels), abi.encodeCall(channels.deposit, (address(evil), 100)));
        refused();
        eq(channels.balance(address(evil)), 100, "credited once");
        eq(token.balanceOf(address(channels)), 100, "held once");
    }

    /// Tokens pushed in during the hook make the deposit inexact: refused, rather than guessed.
    function test_attack21_tokensPushedInDuringADeposit() public {
        Receiver helper = new Receiver();
        LocalToken(address(token)).mint(address(helper), 100);
        bytes memory push = abi.encodeCall(token.transfer, (address(channels), 1));
        evil.reenter(address(helper), abi.encodeCall(helper.act, (address(token), push)));
        vm.expectRevert(abi.encodeWithSelector(ITokenCustody.InexactTransfer.selector, 100, 101));
        evil.act(address(channels), abi.encodeCall(channels.deposit, (address(evil), 100)));
    }

    function refused() private view {
        ok(!evil.reentered(), "the call back did not succeed");
        eq(
            bytes32(bytes4(evil.refusal())),
            bytes32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector),
            "refused by the guard"
        );
    }
}
