// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IPaymentChannels as I} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {ITokenCustody} from "../../../contracts/interfaces/ITokenCustody.sol";
import {Receiver} from "../support/HostileTokens.sol";
import {Intrusion} from "../support/Intrusion.sol";

/// While PaymentChannels moves tokens, no call of it that does can be entered. Attack 21 of the list in docs/contracts.md.
contract ChannelReentrancyTest is Intrusion {
    uint40 private constant DEADLINE = type(uint40).max;

    function setUp() public override {
        super.setUp();
        useHooks();
        doors = [
            I.deposit.selector,
            I.depositFor.selector,
            I.withdraw.selector,
            I.withdrawFor.selector,
            I.collect.selector,
            I.collectMany.selector,
            I.collectCompact.selector,
            ITokenCustody.claim.selector
        ];
    }

    function deposited() private {
        vm.prank(alice);
        channels.deposit(address(evil), 100);
        lurk(address(channels));
    }

    /// @dev A voucher of 60 to the intruder, from alice's channel of 100.
    function vouched() private returns (I.Voucher memory) {
        openChannel(address(evil), 100);
        lurk(address(channels));
        return voucher(address(evil), 1, 60);
    }

    function holds(uint256 deposit, uint256 all) private view {
        shut();
        eq(channels.balance(address(evil)), deposit, "credited");
        eq(token.balanceOf(address(channels)), all, "held");
    }

    function collected() private view {
        gained(60);
        holds(0, 40);
        eq(channels.account(alice, address(evil)).collected, 60, "collected once");
    }

    function test_attack21_reentrancyOfADeposit() public {
        lurk(address(channels));
        evil.act(address(channels), abi.encodeCall(I.deposit, (address(evil), 100)));
        holds(100, 100);
        gained(-100);
    }

    function test_attack21_reentrancyOfADepositBySignature() public {
        lurk(address(channels));
        channels.depositFor(address(evil), address(evil), 100, DEADLINE, "");
        holds(100, 100);
        gained(-100);
    }

    function test_attack21_reentrancyOfAWithdrawal() public {
        deposited();
        evil.act(address(channels), abi.encodeCall(I.withdraw, (60)));
        holds(40, 40);
        gained(60);
    }

    function test_attack21_reentrancyOfAWithdrawalBySignature() public {
        deposited();
        channels.withdrawFor(address(evil), 60, DEADLINE, "");
        holds(40, 40);
        gained(60);
    }

    function test_attack21_reentrancyOfACollection() public {
        I.Voucher memory v = vouched();
        channels.collect(v, signed(v));
        collected();
    }

    function test_attack21_reentrancyOfManyCollections() public {
        I.Voucher[] memory vs = new I.Voucher[](1);
        vs[0] = vouched();
        bytes[] memory sigs = new bytes[](1);
        sigs[0] = signed(vs[0]);
        channels.collectMany(vs, sigs);
        collected();
    }

    function test_attack21_reentrancyOfACompactBatch() public {
        I.CompactVoucher[] memory vs = new I.CompactVoucher[](1);
        vs[0] = compact(aliceKey, vouched());
        channels.collectCompact(address(evil), vs);
        collected();
    }

    /// A claim passes on all the gas there is, so that it is the widest way in.
    function test_attack21_reentrancyOfAClaim() public {
        I.Voucher memory v = vouched();
        bytes memory sig = signed(v);
        evil.setMood(Receiver.Mood.Reverting);
        channels.collect(v, sig);
        eq(channels.claimable(address(evil)), 60, "waits");
        evil.setMood(Receiver.Mood.Quiet);
        eq(channels.claim(address(evil)), 60, "claimed");
        collected();
        eq(channels.claimable(address(evil)), 0, "once");
    }
}
