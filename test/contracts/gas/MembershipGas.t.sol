// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IHomeFees} from "../../../contracts/interfaces/IHomeFees.sol";
import {IMembershipRegistry} from "../../../contracts/interfaces/IMembershipRegistry.sol";
import {IRelayedMemberships} from "../../../contracts/interfaces/IRelayedMemberships.sol";
import {ITokenCustody} from "../../../contracts/interfaces/ITokenCustody.sol";
import {GasFixture} from "../support/GasFixture.sol";

contract MembershipGasTest is GasFixture {
    string private constant GROUP = "MembershipRegistry";
    uint256 private constant PRICE = 100 * (uint256(DEPOSIT) + FEE);

    function registration(
        uint256 secret,
        uint32 home_
    ) private view returns (IMembershipRegistry.Registration memory) {
        return IMembershipRegistry.Registration(commitmentOf(secret), 100, alice, home_);
    }

    function test_gas_register() public {
        uint256 id = commitmentOf(SECRET);
        vm.prank(alice);
        registry.register(id, 100, alice, 0, PRICE);
        snap(GROUP, "register");
        vm.prank(alice);
        registry.register(id, 100, bob, home, PRICE);
        snap(GROUP, "register, as a gift and with a home");
    }

    function test_gas_registerMany() public {
        IMembershipRegistry.Registration[] memory many = new IMembershipRegistry.Registration[](10);
        for (uint256 i = 0; i < 10; ++i) many[i] = registration(SECRET + 100 + i, 0);
        vm.prank(alice);
        registry.registerMany(many, 10 * PRICE);
        uint256 gas = vm.snapshotGasLastCall(GROUP, "register, a batch of 10");
        vm.snapshotValue(GROUP, "register, each of 10", gas / 10);
    }

    function test_gas_registerWithPermit() public {
        (uint8 v, bytes32 r, bytes32 s) = signPermit(aliceKey, address(registry), PRICE);
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(ITokenCustody.tryPermit, (PRICE, block.timestamp, v, r, s));
        calls[1] = abi.encodeCall(IMembershipRegistry.register, (commitmentOf(SECRET), 100, alice, 0, PRICE));
        vm.prank(alice);
        registry.multicall(calls);
        snap(GROUP, "register, with a permit");
    }

    function test_gas_registerFor() public {
        IMembershipRegistry.Registration memory r = registration(SECRET, home);
        uint40 deadline = uint40(block.timestamp) + 100;
        bytes memory sig = signature(aliceKey, registry.registerDigest(r, PRICE, alice, deadline));
        vm.prank(bob);
        registry.registerFor(r, PRICE, alice, deadline, sig);
        snap(GROUP, "register, relayed and with a home");
        r = registration(SECRET + 100, registry.RELAYER_HOME());
        sig = signature(aliceKey, registry.registerDigest(r, PRICE, alice, deadline));
        vm.prank(carol);
        registry.registerFor(r, PRICE, alice, deadline, sig);
        snap(GROUP, "register, relayed and home left to the relayer");
    }

    function test_gas_registerForWithPermit() public {
        IMembershipRegistry.Registration memory m = registration(SECRET, home);
        (uint8 v, bytes32 r, bytes32 s) = signPermit(aliceKey, address(registry), PRICE);
        uint40 deadline = uint40(block.timestamp) + 100;
        bytes memory sig = signature(aliceKey, registry.registerDigest(m, PRICE, alice, deadline));
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(ITokenCustody.tryPermitFor, (alice, PRICE, block.timestamp, v, r, s));
        calls[1] = abi.encodeCall(IRelayedMemberships.registerFor, (m, PRICE, alice, deadline, sig));
        vm.prank(bob);
        registry.multicall(calls);
        snap(GROUP, "register, relayed with a permit and a home");
    }

    function test_gas_renewExitWithdraw() public {
        uint256 id = joinAt(SECRET, 100, alice, home);
        skip(10);
        vm.prank(alice);
        registry.renew(id, alice, 100 * FEE);
        snap(GROUP, "renew");
        vm.prank(alice);
        registry.exit(id);
        snap(GROUP, "exit");
        skip(EXIT_DELAY);
        vm.prank(alice);
        registry.withdraw(id, alice);
        snap(GROUP, "withdraw");
    }

    function test_gas_renewForAndExitFor() public {
        uint256 id = joinAt(SECRET, 100, alice, home);
        uint40 deadline = uint40(block.timestamp) + 100;
        uint40 expiry = registry.member(id, alice).expiry;
        bytes32 digest = registry.renewDigest(id, alice, expiry, 100 * FEE, alice, deadline);
        vm.prank(bob);
        registry.renewFor(id, alice, 100 * FEE, alice, deadline, signature(aliceKey, digest));
        snap(GROUP, "renew, relayed");
        bytes memory sig = signature(aliceKey, registry.exitDigest(id, alice, 0, deadline));
        vm.prank(bob);
        registry.exitFor(id, alice, deadline, sig);
        snap(GROUP, "exit, relayed");
    }

    function test_gas_setHomeAndClaimOwed() public {
        uint256 id = joinAt(SECRET, 100, alice, home);
        joinAt(SECRET + 100, 100, alice, home);
        skip(10);
        vm.startPrank(alice);
        registry.setHome(commitmentOf(SECRET + 100), 0); // something is owed already
        registry.setHome(id, 0);
        snap(GROUP, "set home");
        vm.stopPrank();
        uint40 deadline = uint40(block.timestamp) + 100;
        bytes memory sig = signature(aliceKey, registry.setHomeDigest(id, alice, home, 1, deadline));
        skip(10);
        vm.prank(bob);
        registry.setHomeFor(id, alice, home, deadline, sig);
        snap(GROUP, "set home, relayed");
        vm.prank(payee);
        registry.claimOwed(home);
        snap(GROUP, "claim what is owed");
    }

    function test_gas_slash() public {
        join(SECRET, 100, mallory);
        bytes32 commitment = slashCommitment(bob, SECRET, SALT);
        vm.prank(bob);
        registry.commitSlash(commitment);
        snap(GROUP, "slash: commit");
        vm.roll(block.number + 2);
        vm.prank(bob);
        registry.slash(SECRET, mallory, SALT);
        snap(GROUP, "slash: reveal");
    }

    function test_gas_claimFees() public {
        IHomeFees.Key[] memory list = new IHomeFees.Key[](50);
        for (uint256 i = 0; i < 50; ++i) list[i] = IHomeFees.Key(commitmentOf(SECRET + i + 1), carol);
        skip(1_000);
        vm.prank(payee);
        registry.claimFees(list);
        uint256 gas = vm.snapshotGasLastCall(GROUP, "claim fees, 50 memberships");
        vm.snapshotValue(GROUP, "claim fees, each of 50", gas / 50);
    }
}
