// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IHomeFees} from "../../../contracts/interfaces/IHomeFees.sol";
import {IMembershipRegistry} from "../../../contracts/interfaces/IMembershipRegistry.sol";
import {IOperatorStaking} from "../../../contracts/interfaces/IOperatorStaking.sol";
import {MembershipRegistry} from "../../../contracts/membership/MembershipRegistry.sol";
import {FakeStaking} from "./FakeStaking.sol";
import {Fixture} from "./Fixture.sol";

/// @dev What the tests of the parts of MembershipRegistry share.
abstract contract MembershipFixture is Fixture {
    uint256 internal constant SECRET = 0x5ec4e7;
    bytes32 internal constant SALT = "salt";
    uint256 internal constant ANY_PRICE = type(uint256).max;

    FakeStaking internal fake;

    /// @dev A registry whose operators have the income that `fake` is told.
    function useFakeStaking() internal {
        fake = new FakeStaking();
        registry = newRegistry(params());
        address[4] memory people = [alice, bob, carol, mallory];
        for (uint256 i = 0; i < people.length; ++i) {
            vm.prank(people[i]);
            token.approve(address(registry), type(uint256).max);
        }
    }

    function newRegistry(IMembershipRegistry.Params memory p) internal returns (MembershipRegistry) {
        return new MembershipRegistry(token, IOperatorStaking(address(fake)), p);
    }

    /// @dev As if so many had joined before; the ledger word is the first of the registry's own slots.
    function pretendMembers(uint32 members) internal {
        vm.store(address(registry), bytes32(uint256(1)), bytes32(uint256(members)));
        eq(registry.memberCount(), members, "members before");
    }

    function list(uint256 id, address holder) internal pure returns (IHomeFees.Key[] memory keys) {
        keys = new IHomeFees.Key[](1);
        keys[0] = IHomeFees.Key(id, holder);
    }

    function renew(uint256 id, address holder) internal {
        vm.prank(holder);
        registry.renew(id, holder, ANY_PRICE);
    }

    function exit(uint256 id, address holder) internal {
        vm.prank(holder);
        registry.exit(id);
    }

    function setHome(uint256 id, address holder, uint32 home) internal {
        vm.prank(holder);
        registry.setHome(id, home);
    }

    function registration(
        uint256 id,
        uint16 limit,
        address holder,
        uint32 home
    ) internal pure returns (IMembershipRegistry.Registration memory) {
        return IMembershipRegistry.Registration(id, limit, holder, home);
    }
}
