// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IHomeFees} from "../../../contracts/interfaces/IHomeFees.sol";
import {IMembershipRegistry} from "../../../contracts/interfaces/IMembershipRegistry.sol";
import {MembershipRegistry} from "../../../contracts/membership/MembershipRegistry.sol";
import {LocalToken} from "../../../contracts/token/LocalToken.sol";
import {Fixture} from "./Fixture.sol";

/// @dev What the tests of the parts of MembershipRegistry share.
abstract contract MembershipFixture is Fixture {
    uint256 internal constant SECRET = 0x5ec4e7;
    bytes32 internal constant SALT = "salt";
    uint256 internal constant ANY_PRICE = type(uint256).max;

    /// @dev A quarter of it is more credit than the fees of all members together.
    uint128 internal constant STAKE = 1e14;

    uint256 private stakeBurned;

    // --- operators ---

    /// @dev An operator of the account "owner" without stake, which lets `registry` draw on its credit.
    function newOperator(address payee) internal returns (uint32 home) {
        (address owner, ) = account("owner");
        (address node, ) = account("node");
        vm.startPrank(owner);
        home = staking.createOperator(node, payee, address(registry));
        staking.setAdjudicator(home, 0, address(this), true);
        vm.stopPrank();
    }

    /// @dev One with much stake, in good standing for a term, so that it has all the credit of it.
    function goodOperator(address payee) internal returns (uint32 home) {
        home = newOperator(payee);
        (address owner, ) = account("owner");
        LocalToken(address(token)).mint(owner, STAKE);
        vm.startPrank(owner);
        token.approve(address(staking), type(uint256).max);
        staking.stake(home, 0, STAKE);
        vm.stopPrank();
        skip(TERM);
    }

    function nameNode(uint32 home, address node) internal {
        (address owner, ) = account("owner");
        address payee = staking.payeeOf(home);
        vm.prank(owner);
        staking.setKeys(home, node, payee);
    }

    /// @dev The smallest slash there is: the good standing of `home` begins now.
    function slashOperator(uint32 home) internal {
        stakeBurned += staking.slash(home, 0, 1, 0, address(this));
        (, , uint40 goodSince) = staking.incomeOf(home);
        eq(goodSince, block.timestamp, "in good standing since now");
    }

    /// @dev Thaws so much that `home` stays just below the minimum.
    function endGoodStanding(uint32 home) internal {
        (address owner, ) = account("owner");
        uint128 staked = staking.operator(home).staked;
        vm.prank(owner);
        staking.thaw(home, 0, staked - MINIMUM_STAKE + 1);
        (, , uint40 goodSince) = staking.incomeOf(home);
        eq(goodSince, 0, "not in good standing");
    }

    /// @dev Has this test draw until `amount` is left. A second later there is more than all fees together again.
    function leaveCredit(uint32 home, uint128 amount) internal {
        (address owner, ) = account("owner");
        uint128 credit = creditOf(home);
        vm.prank(owner);
        staking.setFeeRegistry(home, address(this));
        staking.drawIncome(home, credit - amount);
        vm.prank(owner);
        staking.setFeeRegistry(home, address(registry));
    }

    function creditOf(uint32 home) internal view returns (uint128 credit) {
        (, credit, ) = staking.incomeOf(home);
    }

    /// @dev What was burned, but for stake.
    function feesBurned() internal view returns (uint256) {
        return token.balanceOf(BURNED) - stakeBurned;
    }

    /// @dev Another registry over the same staking, which everybody lets take tokens.
    function useRegistry(IMembershipRegistry.Params memory p) internal {
        registry = new MembershipRegistry(token, staking, p);
        address[4] memory people = [alice, bob, carol, mallory];
        for (uint256 i = 0; i < people.length; ++i) {
            vm.prank(people[i]);
            token.approve(address(registry), type(uint256).max);
        }
    }

    // --- memberships ---

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
