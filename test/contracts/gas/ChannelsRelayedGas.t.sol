// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {ITokenCustody} from "../../../contracts/interfaces/ITokenCustody.sol";
import {ChannelFixture} from "../support/ChannelFixture.sol";
import {GasFixture} from "../support/GasFixture.sol";

/// What alice signs and carol sends, and the variants of the plain path.
contract ChannelsRelayedGasTest is GasFixture, ChannelFixture {
    string private constant GROUP = "PaymentChannels";

    function setUp() public override(GasFixture, ChannelFixture) {
        super.setUp();
    }

    function test_gas_variants() public {
        vm.prank(carol);
        channels.deposit(alice, 1_000);
        snap(GROUP, "deposit, as a gift");
        vm.prank(alice);
        channels.allocate(payee, 1_000, mallory);
        snap(GROUP, "allocate, signed by another key");
    }

    function test_gas_relayed() public {
        vm.startPrank(carol);
        bytes memory sig = signDeposit(aliceKey, alice, alice, 1_000, 0, DEADLINE);
        channels.depositFor(alice, alice, 1_000, DEADLINE, sig);
        snap(GROUP, "deposit, relayed");
        IPaymentChannels.Allocation memory a = allocation(payee, 1_000);
        channels.allocateFor(a, signedAllocation(a));
        snap(GROUP, "allocate, relayed");
        channels.thawFor(alice, payee, DEADLINE, signThaw(aliceKey, alice, payee, 1, 1, DEADLINE));
        snap(GROUP, "thaw, relayed");
        skip(CHANNEL_THAW);
        sig = signDeallocation(aliceKey, alice, payee, 1, 2, DEADLINE);
        channels.deallocateFor(alice, payee, DEADLINE, sig);
        snap(GROUP, "deallocate, relayed");
        channels.withdrawFor(alice, 1_000, DEADLINE, signWithdrawal(aliceKey, alice, 1_000, 1, DEADLINE));
        snap(GROUP, "withdraw, relayed");
        vm.stopPrank();
    }

    function test_gas_fromNothingToAnOpenChannel() public {
        vm.prank(alice);
        token.approve(address(channels), 0);
        (uint8 v, bytes32 r, bytes32 s) = signPermit(aliceKey, address(channels), 1_000);
        bytes memory consent = signDeposit(aliceKey, alice, alice, 1_000, 0, DEADLINE);
        IPaymentChannels.Allocation memory a = allocation(payee, 1_000);
        bytes[] memory calls = new bytes[](3);
        calls[0] = abi.encodeCall(ITokenCustody.tryPermitFor, (alice, 1_000, block.timestamp, v, r, s));
        calls[1] = abi.encodeCall(IPaymentChannels.depositFor, (alice, alice, 1_000, DEADLINE, consent));
        calls[2] = abi.encodeCall(IPaymentChannels.allocateFor, (a, signedAllocation(a)));
        vm.prank(carol);
        channels.multicall(calls);
        snap(GROUP, "permit, deposit and allocate, relayed");
    }
}
