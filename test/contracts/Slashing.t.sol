// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IMembershipRegistry as I} from "../../contracts/interfaces/IMembershipRegistry.sol";
import {ISlashing} from "../../contracts/interfaces/ISlashing.sol";
import {nextLedger} from "./support/Ledger.sol";
import {MembershipFixture} from "./support/MembershipFixture.sol";

contract SlashingTest is MembershipFixture {
    function testFuzz_slash_burnsHalfRoundedUpAndPaysTheRest(uint256 secret, uint16 limit) public {
        secret = within(secret, 0, FIELD - 1);
        limit = uint16(within(limit, 1, 600));
        uint256 id = join(secret, limit, mallory);
        commitAndWait(bob, secret, SALT);
        uint256 deposit = uint256(limit) * DEPOSIT;
        bytes32 head = nextLedger(
            registry.ledger(),
            4,
            0,
            id,
            mallory,
            limit,
            registry.member(id, mallory).expiry
        );

        vm.expectEmit();
        emit ISlashing.MemberSlashed(id, mallory, 0, secret, bob, (deposit + 1) / 2, deposit / 2, head);
        vm.prank(bob);
        registry.slash(secret, mallory, SALT);

        eq(token.balanceOf(BURNED), (deposit + 1) / 2, "burned");
        eq(token.balanceOf(bob), WEALTH + deposit / 2, "rewarded");
        eq(registry.ledger(), head, "ledger hash");
        eq(uint8(registry.member(id, mallory).state), uint8(I.State.Slashed), "state");
    }

    function test_slash_burnsTheUnitThatNobodyCanHalve() public {
        I.Params memory p = params();
        p.depositPerMessage = 3;
        useRegistry(p);
        uint256 id = join(SECRET, 1, mallory);
        commitAndWait(bob, SECRET, SALT);
        uint40 expiry = registry.member(id, mallory).expiry;
        bytes32 head = nextLedger(registry.ledger(), 4, 0, id, mallory, 1, expiry);
        vm.expectEmit();
        emit ISlashing.MemberSlashed(id, mallory, 0, SECRET, bob, 2, 1, head);
        vm.prank(bob);
        registry.slash(SECRET, mallory, SALT);
    }

    function test_slash_refusesASecretOutsideTheField() public {
        vm.expectRevert(abi.encodeWithSelector(ISlashing.BadSecret.selector, FIELD));
        registry.slash(FIELD, mallory, SALT);
    }

    function test_slash_refusesWithoutACommitmentOfTheCaller() public {
        join(SECRET, 10, mallory);
        vm.prank(bob);
        vm.expectRevert(
            abi.encodeWithSelector(ISlashing.UnknownCommitment.selector, slashCommitment(bob, SECRET, SALT))
        );
        registry.slash(SECRET, mallory, SALT);
    }

    function test_slash_refusesBeforeTwoBlocksAndAfterADay() public {
        join(SECRET, 10, mallory);
        bytes32 commitment = slashCommitment(bob, SECRET, SALT);
        vm.startPrank(bob);
        registry.commitSlash(commitment);
        uint256 made = block.timestamp;
        vm.roll(block.number + 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISlashing.CommitmentTooYoung.selector, commitment, block.number + 1)
        );
        registry.slash(SECRET, mallory, SALT);

        vm.roll(block.number + 1);
        vm.warp(made + 86_400);
        vm.expectRevert(
            abi.encodeWithSelector(ISlashing.CommitmentTooOld.selector, commitment, made + 86_400)
        );
        registry.slash(SECRET, mallory, SALT);

        registry.commitSlash(commitment); // a void one may be made again
        vm.roll(block.number + 2);
        registry.slash(SECRET, mallory, SALT);
        vm.stopPrank();
    }

    function test_slash_refusesAStranger() public {
        uint256 id = commitmentOf(SECRET);
        commitAndWait(bob, SECRET, SALT);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(ISlashing.NotSlashable.selector, id, mallory, I.State.None));
        registry.slash(SECRET, mallory, SALT);
    }

    function test_commitSlash_keepsTheAgeOfALiveCommitment() public {
        bytes32 commitment = slashCommitment(bob, SECRET, SALT);
        vm.startPrank(bob);
        registry.commitSlash(commitment);
        vm.expectRevert(abi.encodeWithSelector(ISlashing.AlreadyCommitted.selector, commitment));
        registry.commitSlash(commitment);
        vm.stopPrank();
        (uint64 number, uint64 time) = registry.slashCommitment(bob, commitment);
        eq(number, block.number, "block");
        eq(time, block.timestamp, "time");
    }

    /// Of no commitment the time is 0, and no second is far from that.
    function test_commitSlash_inTheFirstSecondsOfAChain() public {
        bytes32 commitment = slashCommitment(bob, SECRET, SALT);
        vm.startPrank(bob);
        vm.warp(1);
        registry.commitSlash(commitment);
        vm.warp(2);
        vm.expectRevert(abi.encodeWithSelector(ISlashing.AlreadyCommitted.selector, commitment));
        registry.commitSlash(commitment);
        vm.stopPrank();
    }
}
