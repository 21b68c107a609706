// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IMembershipRegistry} from "../../../contracts/interfaces/IMembershipRegistry.sol";
import {GasFixture} from "../support/GasFixture.sol";

contract MembershipGasTest is GasFixture {
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
}
