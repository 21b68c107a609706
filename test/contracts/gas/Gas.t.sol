// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {IMembershipRegistry} from "../../../contracts/interfaces/IMembershipRegistry.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {Fixture} from "../support/Fixture.sol";

/// Gas of whole transactions on the plain path: allowance given, and slots that exist in steady state already used
/// (somebody else is a member, has a deposit, holds tokens). Kept in snapshots/ and compared in CI.
contract GasTest is Fixture {
    uint256 private constant SECRET = 0x123456789abcdef;
    bytes32 private constant SALT = keccak256("salt");

    address private payee;
    uint32 private home;

    function setUp() public override {
        super.setUp();
        (payee, ) = account("payee");
        fund(payee);
        home = operatorWithStake(carol, carol, payee);
        for (uint256 i = 1; i <= 50; ++i) joinAt(SECRET + i, 100, carol, home);
        vm.startPrank(carol);
        channels.deposit(carol, 1e9);
        channels.allocate(payee, 1e9, carol);
        vm.stopPrank();
        vm.prank(alice);
        channels.deposit(alice, 1e9);
        fundOther();
        vm.startPrank(alice);
        token.transfer(BURNED, 1);
        vm.stopPrank();
    }

    function fundOther() private {
        IEscrow.Terms memory t = terms();
        t.salt = "other";
        fundDeal(t);
    }

    function snap(string memory group, string memory name) private {
        vm.snapshotGasLastCall(group, name);
    }

    function test_gas_register() public {
        uint256 id = commitmentOf(SECRET);
        vm.prank(alice);
        registry.register(id, 100, alice, 0, 100 * (DEPOSIT + FEE));
        snap("MembershipRegistry", "register");
        vm.prank(alice);
        registry.register(id, 100, bob, home, 100 * (DEPOSIT + FEE));
        snap("MembershipRegistry", "register, as a gift and with a home");
    }

    function test_gas_renewExitWithdraw() public {
        uint256 id = joinAt(SECRET, 100, alice, home);
        skip(10);
        vm.prank(alice);
        registry.renew(id, alice, 100 * FEE);
        snap("MembershipRegistry", "renew");
        vm.prank(alice);
        registry.exit(id);
        snap("MembershipRegistry", "exit");
        skip(EXIT_DELAY);
        vm.prank(alice);
        registry.withdraw(id, alice);
        snap("MembershipRegistry", "withdraw");
    }

    function test_gas_slash() public {
        join(SECRET, 100, mallory);
        bytes32 commitment = slashCommitment(bob, SECRET, SALT);
        vm.prank(bob);
        registry.commitSlash(commitment);
        snap("MembershipRegistry", "slash: commit");
        vm.roll(block.number + 2);
        vm.prank(bob);
        registry.slash(SECRET, mallory, SALT);
        snap("MembershipRegistry", "slash: reveal");
    }

    function test_gas_claimFees() public {
        IMembershipRegistry.Key[] memory list = new IMembershipRegistry.Key[](50);
        for (uint256 i = 0; i < 50; ++i)
            list[i] = IMembershipRegistry.Key(commitmentOf(SECRET + i + 1), carol);
        skip(1_000);
        vm.prank(payee);
        registry.claimFees(list);
        uint256 gas = vm.snapshotGasLastCall("MembershipRegistry", "claim fees, 50 memberships");
        vm.snapshotValue("MembershipRegistry", "claim fees, each of 50", gas / 50);
    }

    function test_gas_channels() public {
        vm.prank(alice);
        channels.deposit(alice, 1e9);
        snap("PaymentChannels", "deposit");
        vm.prank(alice);
        channels.allocate(payee, 1e9, alice);
        snap("PaymentChannels", "allocate (open a channel)");
        IPaymentChannels.Voucher memory v = voucher(payee, 1, 1_000);
        channels.collect(v, signed(v));
        v.cumulative = 2_500;
        bytes memory sig = signed(v);
        vm.prank(payee);
        channels.collect(v, sig);
        snap("PaymentChannels", "collect");
        vm.prank(alice);
        channels.thaw(payee);
        snap("PaymentChannels", "thaw");
        skip(CHANNEL_THAW);
        vm.prank(alice);
        channels.deallocate(payee);
        snap("PaymentChannels", "deallocate");
        vm.prank(alice);
        channels.withdraw(1_000);
        snap("PaymentChannels", "withdraw");
    }

    function test_gas_collectMany() public {
        IPaymentChannels.Voucher[] memory vs = new IPaymentChannels.Voucher[](25);
        bytes[] memory sigs = new bytes[](25);
        for (uint256 i = 0; i < 25; ++i) {
            (address payer, uint256 key) = account(
                string.concat("payer", string(abi.encodePacked(uint8(65 + i))))
            );
            vm.prank(alice);
            channels.deposit(payer, 1e6);
            vm.prank(payer);
            channels.allocate(payee, 1e6, payer);
            vs[i] = IPaymentChannels.Voucher(payer, payee, 1, 10);
            channels.collect(vs[i], signature(key, channels.voucherDigest(vs[i])));
            vs[i].cumulative = uint128(123_456 + i);
            sigs[i] = signature(key, channels.voucherDigest(vs[i]));
        }
        vm.prank(payee);
        channels.collectMany(vs, sigs);
        uint256 gas = vm.snapshotGasLastCall("PaymentChannels", "collect, 25 vouchers");
        vm.snapshotValue("PaymentChannels", "collect, each of 25", gas / 25);
    }

    function test_gas_operators() public {
        vm.startPrank(alice);
        uint32 id = staking.createOperator(alice, bob);
        snap("OperatorStaking", "createOperator");
        staking.stake(id, MINIMUM_STAKE);
        snap("OperatorStaking", "stake");
        string[] memory addrs = new string[](2);
        addrs[0] = "/ip4/127.0.0.1/tcp/60000";
        addrs[1] = "/ip4/127.0.0.1/tcp/60001/ws";
        services.announce(id, new bytes(39), addrs, 15, 1984, 1_000);
        snap("ServiceRegistry", "announce");
        staking.thaw(id, MINIMUM_STAKE);
        snap("OperatorStaking", "thaw");
        skip(STAKE_THAW);
        staking.withdraw(id);
        snap("OperatorStaking", "withdraw");
        vm.stopPrank();
    }

    function test_gas_escrow() public {
        IEscrow.Terms memory t = terms();
        t.appFeeBps = 0;
        vm.prank(alice);
        escrow.fund(t);
        snap("Escrow", "fund");
        vm.prank(alice);
        escrow.release(t);
        snap("Escrow", "release");
        t.salt = "disputed";
        fundDeal(t);
        vm.prank(alice);
        escrow.dispute(t);
        snap("Escrow", "dispute");
        vm.prank(carol);
        escrow.rule(t, 30 * TEA);
        snap("Escrow", "rule");
    }
}
